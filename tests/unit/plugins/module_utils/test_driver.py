# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A driver that is missing, cannot run or is too old: what is the matter, and the command for this very interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COLLECTIONS = Path(__file__).resolve().parents[4] / ".cache" / "collections"
LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.stellarmap.cassandra.plugins.module_utils._driver import load_driver
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import MissingDriver
try:
    load_driver()
except MissingDriver as missing:
    print(missing.message)
"""
# As cassandra-driver 3.29.0 to 3.30.1 raises it.
NO_EVENT_LOOP = """
class DependencyException(Exception): pass
raise DependencyException("Unable to load a default connection class")
"""


def said_of(driver: dict[str, str], folder: Path) -> str:
    """What is said with these files as the package C(cassandra), and no other driver in reach."""
    for name, text in driver.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    # -S: without the folder of installed packages. -B: the next row may have the same path, size and second.
    done = subprocess.run(
        [sys.executable, "-B", "-S", "-c", LOAD, str(COLLECTIONS)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("driver", "parts"),
    [
        ({}, ["is not installed for {python}", "Install it: {python} -m pip install 'cassandra-driver>=3.29'."]),
        ({}, ["Or set ansible_python_interpreter to a Python that has it."]),
        (
            {"cassandra/__init__.py": "__version__ = '3.30.1'", "cassandra/cluster.py": NO_EVENT_LOOP},
            [
                "is installed for {python}",
                "it has no event loop",
                "-m pip install --force-reinstall --only-binary :all: ",
            ],
        ),
        (
            {"cassandra/__init__.py": "__version__ = '3.30.1'", "cassandra/cluster.py": "import no_such_library"},
            ["is installed for {python}", "ModuleNotFoundError: No module named 'no_such_library'"],
        ),
        (
            {"cassandra/__init__.py": "__version__ = '3.28.0'", "cassandra/cluster.py": ""},
            ["is version 3.28.0, which is too old", "{python} -m pip install 'cassandra-driver>=3.29'."],
        ),
        ({"cassandra/__init__.py": "__version__ = '3.29.0'", "cassandra/cluster.py": ""}, []),
    ],
)
def test_what_is_the_matter_and_what_to_do(tmp_path: Path, driver: dict[str, str], parts: list[str]) -> None:
    said = said_of(driver, tmp_path)
    assert bool(said) is bool(parts)
    assert [part for part in parts if part.format(python=sys.executable) not in said] == [], said
