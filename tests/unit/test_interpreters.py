# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pythons that do not start are skipped with a line, wherever pyenv is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from interpreters import find_interpreters

# Of an environment it is the Python that made it.
BASE = Path(sys._base_executable)  # type: ignore[attr-defined]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def pyenv(tmp_path: Path) -> Path:
    """A pyenv whose shims do not start; of the two versions, one is installed."""
    root = tmp_path / "pyenv"
    for version in (HERE, "3.99"):
        program(root / "shims" / f"python{version}", f"echo 'pyenv: python{version}: command not found' >&2; exit 127")
    program(root / "shims" / "other", "echo other")
    program(root / "versions" / f"{HERE}.1" / "bin" / f"python{HERE}", f'exec "{sys.executable}" "$@"')
    return root


@pytest.mark.parametrize("known_by", ["PYENV_ROOT", "HOME", "its shims alone"])
def test_a_shim_without_its_version_is_skipped(pyenv: Path, tmp_path: Path, known_by: str) -> None:
    environment = {"PATH": f"{pyenv}/shims", "HOME": str(tmp_path / "nobody")}
    if known_by == "PYENV_ROOT":
        environment["PYENV_ROOT"] = str(pyenv)
    elif known_by == "HOME":
        pyenv.rename(tmp_path / ".pyenv")
        environment = {"PATH": f"{tmp_path}/.pyenv/shims", "HOME": str(tmp_path)}
    found = find_interpreters(environment)
    assert found.usable[HERE] == BASE
    assert "3.99" not in found.usable
    assert any("python3.99: command not found" in line for line in found.skipped)
    assert all(" is skipped: it does not start (" in line for line in found.skipped)


def test_the_path_has_those_that_start_and_all_other_programs(pyenv: Path, tmp_path: Path) -> None:
    environment = {"PATH": f"{pyenv}/shims", "HOME": str(tmp_path)}
    path = find_interpreters(environment).path(environment, tmp_path / "links")

    def output(command: str) -> str:
        words = ["/bin/sh", "-c", command]
        return subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=False).stdout

    assert output("other") == "other\n"
    assert output(f"python{HERE} -c 'print(1)'") == "1\n"
    assert output("command -v python3.99") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo 3.1 /somewhere", "it is Python 3.1"),
        ("exit 0", "no output"),
        ("echo 'No module named ensurepip' >&2; exit 1", "No module named ensurepip"),
    ],
)
def test_why_one_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    broken = program(tmp_path / "bin" / "python3.98", text)
    found = find_interpreters({"PATH": str(broken.parent), "HOME": str(tmp_path)})
    assert (found.usable, found.broken) == ({}, {broken: f"it does not start ({reason})"})


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    broken = program(tmp_path / "python3.98", "")
    broken.write_bytes(b"\x00")
    found = find_interpreters({"PATH": str(tmp_path), "HOME": os.devnull})
    assert list(found.broken) == [broken]
