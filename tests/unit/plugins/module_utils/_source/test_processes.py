# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real module in processes of its own: several at once, and one that is killed in the middle."""

from __future__ import annotations

import errno
import fcntl
import json
import multiprocessing
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.stellarmap.cassandra.plugins.modules.model_fields import main

# A fork of this process has imported everything already, so that all runs are at the same place at once.
FORK = multiprocessing.get_context("fork")
FIELDS = ["one", "two", "three", "four"]
MODELS = "import columns\n\n\nclass Order:\n    id = columns.UUID()\n" + "".join(
    f"    # {name} = columns.Text()\n" for name in FIELDS
)


class Run:
    """One run of the module in a process; C(prepare) runs in it before the module."""

    def __init__(self, path: Path, field: str, prepare: Callable[[], object] = lambda: None, **options: Any) -> None:
        self._output = path.parent.with_name(f"{path.parent.name}-{field}.json")
        self._params = {"path": str(path), "class_name": "Order", "fields": [field], **options}
        self._prepare = prepare
        self.process = FORK.Process(target=self._run)
        self.process.start()

    def _run(self) -> None:
        with open(self._output, "w") as sys.stdout, patch_module_args(self._params):
            self._prepare()
            main()

    def result(self) -> dict[str, Any]:
        self.process.join(120)
        return json.loads(self._output.read_text())


def all_at_once(models: Path, pause: float, prepare: Callable[[], object] = lambda: None) -> list[dict[str, Any]]:
    """The results of one run for each field; each pauses before it replaces the file."""
    barrier, fsync = FORK.Barrier(len(FIELDS)), os.fsync

    def fsync_slowly(handle: int) -> None:
        time.sleep(pause)
        fsync(handle)

    def prepare_all() -> None:
        os.fsync = fsync_slowly
        prepare()
        barrier.wait(60)

    return [run.result() for run in [Run(models, field, prepare_all) for field in FIELDS]]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    path = tmp_path / "app" / "models.py"
    path.parent.mkdir()
    path.write_text(MODELS)
    return path


def test_no_update_is_lost(models: Path) -> None:
    results = all_at_once(models, 0.1)
    assert [one.get("msg") for one in results] == [None] * len(FIELDS)
    assert models.read_text() == MODELS.replace("# ", "")
    assert os.listdir(models.parent) == ["models.py"]


def test_without_a_lock_a_second_run_fails_and_loses_nothing(models: Path) -> None:
    """Also shows that the runs of the test above meet."""

    def no_locks(folder: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    results = all_at_once(models, 0.3, lambda: setattr(fcntl, "flock", no_locks))
    enabled = [field for field, one in zip(FIELDS, results) if not one.get("failed")]
    assert 1 <= len(enabled) < len(FIELDS)
    assert all(
        "Nothing was written" in one["msg"] or "was not changed" in one["msg"] for one in results if one.get("failed")
    )
    assert all(f"    {field} = columns.Text()\n" in models.read_text() for field in enabled)


def test_a_killed_run_leaves_nothing_for_long(models: Path) -> None:
    def be_killed_at_the_last_moment() -> None:
        os.rename = lambda *names: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]

    killed = Run(models, "one", be_killed_at_the_last_moment)
    killed.process.join(120)
    assert killed.process.exitcode == -signal.SIGKILL
    assert models.read_text() == MODELS
    assert len(os.listdir(models.parent)) == 2
    # Check mode removes nothing. A run that has nothing to change does.
    assert Run(models, "one", _ansible_check_mode=True).result()["changed"]
    assert len(os.listdir(models.parent)) == 2
    assert not Run(models, "one", state="disabled").result()["changed"]
    assert os.listdir(models.parent) == ["models.py"]
    assert Run(models, "one").result()["changed"]


def test_the_new_file_keeps_mode_and_owner_and_is_newer(models: Path) -> None:
    models.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(models, 12, 34)
    os.utime(models, (1, 1))
    before = models.stat()
    assert Run(models, "one", backup=True).result()["backup_file"].startswith(str(models))
    after = models.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    # A process that is older than its file is owed a restart.
    assert after.st_mtime > before.st_mtime + 1


def test_a_failure_is_a_sentence_and_has_the_states(models: Path) -> None:
    models.write_text(MODELS + "\n\nOrder.one = columns.Text()\n")
    found = Run(models, "one", state="disabled").result()
    assert (found["failed"], found["failure"], found["fields"][0]["state"]) == (True, "field_unclear", "conflict")
    assert "exception" not in found
    assert found["msg"].startswith(
        f"{models} was not changed, because of class Order: the class has the name one in line 12"
    )


def test_the_new_file_keeps_access_control_list_and_extended_attributes(models: Path) -> None:
    # Version 2, then tag, permissions and id of: the owner, a user, the group, the mask, the others.
    entries = [(1, 6, -1), (2, 4, 12345), (4, 4, -1), (16, 4, -1), (32, 4, -1)]
    access = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    before = {"user.mark": b"1", "system.posix_acl_access": access}
    for name, value in before.items():
        os.setxattr(models, name, value)
    assert Run(models, "one").result()["changed"]
    assert {name: os.getxattr(models, name) for name in before} == before
