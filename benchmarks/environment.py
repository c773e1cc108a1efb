# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each peer has a virtual environment of its own, made once."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COLLECTIONS = str(REPOSITORY / ".cache" / "collections")
FOLDER = REPOSITORY / ".cache" / "benchmarks"


def executable(name: str, requirements: tuple[str, ...], program: str) -> str:
    """The path of a program in the environment of C(name), which is made if it is missing."""
    if not requirements:
        return str(Path(sys.executable).parent / program)
    home = FOLDER / name
    done = home / ".done"
    wanted = "\n".join(requirements)
    if not done.exists() or done.read_text() != wanted:
        print(f"Installing {', '.join(requirements)} ...", flush=True)
        venv.create(home, clear=True, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *requirements], check=True)
        done.write_text(wanted)
    return str(home / "bin" / program)
