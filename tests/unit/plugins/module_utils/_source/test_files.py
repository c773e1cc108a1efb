# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is no plain file, or cannot be replaced, gets a sentence; what is replaced keeps what it was otherwise."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure, InvalidInput, Locked, Refused
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source import edit
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source import file as source_file

MODELS = "import columns\n\n\nclass Order:\n    id = columns.UUID()\n    # source = columns.Text()\n"
ENABLED = MODELS.replace("# source", "source")


class Host:
    """What AnsibleModule does for the flow; C(before_move) is what another program does just before."""

    def __init__(self, before_move: Callable[[], None] = lambda: None) -> None:
        self.before_move = before_move

    def warn(self, warning: str) -> None:
        raise AssertionError(warning)

    def backup_local(self, fn: str) -> str:
        return shutil.copy2(fn, f"{fn}.backup~")

    def atomic_move(self, src: str, dest: str) -> None:
        self.before_move()
        shutil.copymode(dest, src)
        os.replace(src, dest)


def run(path: Path | str, check: bool = False, host: Any = None, **options: Any) -> dict[str, Any]:
    params = {"class_name": "Order", "fields": ["source"], "state": "enabled"}
    return edit.edit_fields({**params, "path": str(path), "backup": False, **options}, check, host or Host())


@pytest.fixture
def models(tmp_path: Path) -> Path:
    path = tmp_path / "models.py"
    path.write_text(MODELS)
    return path


@pytest.fixture
def as_somebody() -> Iterator[Path]:
    """A folder for a person who is not root, and the rights of that person."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    (folder / "models.py").write_text(MODELS)
    try:
        if is_root:
            os.seteuid(65534)
        else:
            folder.chmod(0o555)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        # The path of a socket has a limit of its own.
        before = os.getcwd()
        os.chdir(path.parent)
        server.bind(path.name)
        os.chdir(before)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "cannot be read: No such file or directory."),
        (lambda path: path.mkdir(), "cannot be read: Is a directory."),
        (lambda path: os.mkfifo(path), "is not a regular file."),
        (make_socket, "cannot be read: No such device or address."),
        (lambda path: path.symlink_to("/dev/zero"), "/dev/zero is not a regular file."),
        (lambda path: path.symlink_to("gone.py"), "gone.py' cannot be read: No such file or directory."),
        (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links."),
        (lambda path: path.write_bytes(b"# " + b"x" * 10_000_000), "has 10000002 bytes"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_is_no_source_file(tmp_path: Path, make: Callable[[Path], None], sentence: str, check: bool) -> None:
    path = tmp_path / "models.py"
    make(path)
    before = os.listdir(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        run(path, check)
    assert sentence in caught.value.message
    assert os.listdir(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"path": "a\0b"}, "is no path"),
        ({"path": "x" * 5000}, "File name too long"),
        ({"path": "/"}, "Is a directory"),
        ({"fields": []}, "The list of fields is empty."),
        ({"fields": ["a-b"]}, "'a-b' is no name of a class or a field"),
        ({"fields": ["class"]}, "'class' is no name of a class or a field"),
        ({"class_name": "Order."}, "'' is no name of a class or a field"),
    ],
)
def test_what_no_task_can_mean(models: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(**{"path": models, **options})
    assert sentence in caught.value.message


def test_a_file_that_cannot_be_read(as_somebody: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: Permission denied"):
        run("/etc/shadow")


@pytest.mark.parametrize("check", [False, True])
def test_a_folder_that_cannot_be_written(as_somebody: Path, check: bool) -> None:
    with pytest.raises(Refused, match="its folder is not writable"):
        run(as_somebody / "models.py", check)
    # Nothing has to be written.
    assert not run(as_somebody / "models.py", check, state="disabled")["changed"]


@pytest.mark.parametrize("check", [False, True])
def test_a_hard_link_is_refused(models: Path, check: bool) -> None:
    os.link(models, models.with_name("other.py"))
    with pytest.raises(Refused, match=r"has 2 names \(hard links\)"):
        run(models, check)
    assert models.read_text() == MODELS
    assert not run(models, check, state="disabled")["changed"]


def test_a_symbolic_link_and_the_mode_stay(models: Path) -> None:
    models.chmod(0o640)
    link = models.with_name("link.py")
    link.symlink_to("models.py")
    assert run(link)["path"] == str(models)
    assert (link.is_symlink(), models.read_text(), models.stat().st_mode & 0o777) == (True, ENABLED, 0o640)


def test_states_of_check_mode_are_those_of_the_file(models: Path) -> None:
    field = {"name": "source", "line": 6, "kind": "columns.Text", "notes": []}
    assert run(models, True)["fields"] == [{**field, "state": "disabled", "changed": True}]
    assert models.read_text() == MODELS
    assert run(models)["fields"] == [{**field, "state": "enabled", "changed": True}]
    assert run(models)["fields"] == [{**field, "state": "enabled", "changed": False}]
    for only_reads in ({"check": True}, {"try_only": True}):
        assert run(models, state="disabled", **only_reads)["fields"] == [{**field, "state": "enabled", "changed": True}]


def test_a_failure_carries_the_states(models: Path) -> None:
    models.write_text(MODELS + "\n\nOrder.other = 1\n")
    with pytest.raises(Failure) as caught:
        run(models, True, fields=["source", "other", "third"], state="disabled")
    found = [(one["name"], one["state"], one["line"]) for one in caught.value.facts["fields"]]
    assert found == [("source", "disabled", 6), ("other", "conflict", 9), ("third", "absent", None)]


def test_what_another_program_writes_is_not_lost(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def edited_meanwhile(handle: int) -> None:
        models.write_text(MODELS + "# edited\n")

    monkeypatch.setattr(os, "fsync", edited_meanwhile)
    with pytest.raises(Refused, match="was changed by another program meanwhile"):
        run(models)
    assert (models.read_text(), os.listdir(models.parent)) == (MODELS + "# edited\n", ["models.py"])


def test_a_replacement_that_fails_leaves_nothing(models: Path) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Refused, match=r"could not be replaced.*No space left on device.*The file is as it was"):
        run(models, host=Host(full))
    assert (models.read_text(), os.listdir(models.parent)) == (MODELS, ["models.py"])


def test_a_module_that_ends_itself_leaves_nothing(models: Path) -> None:
    """AnsibleModule does so, if it cannot move a file."""
    with pytest.raises(SystemExit):
        run(models, host=Host(lambda: sys.exit(1)))
    assert (models.read_text(), os.listdir(models.parent)) == (MODELS, ["models.py"])


def test_a_backup_is_made_only_for_a_change(models: Path) -> None:
    assert "backup_file" not in run(models, True, backup=True)
    assert Path(run(models, backup=True)["backup_file"]).read_text() == MODELS
    assert "backup_file" not in run(models, backup=True)


def test_a_run_waits_for_another_one_and_says_so(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_file, "_PATIENCE", 0.2)
    folder = os.open(models.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        with pytest.raises(Locked, match="Another run holds the folder"):
            run(models)
        # Check mode reads only, and waits for nobody.
        assert run(models, True)["changed"]
    finally:
        os.close(folder)
    assert run(models)["changed"]


def test_a_folder_without_locks_is_a_note(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(folder: int, how: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert "two runs on it at once are not kept apart" in run(models)["notes"][-1]
    # Without the lock, what another run may be writing is not taken away.
    new = Path(source_file._new_name(str(models)))
    new.write_text("of another run")
    with pytest.raises(Refused, match="File exists"):
        run(models, state="disabled")
    assert (models.read_text(), new.read_text()) == (ENABLED, "of another run")
