# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tests run as in a container with another user id: with a HOME that is not the home in the passwd file."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys

CODE = "from pathlib import Path; import tempfile; print(Path.home(), tempfile.gettempdir())"


def test_a_program_of_a_test_has_another_home_than_the_user() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    home, temporary = done.stdout.split()
    assert home != pwd.getpwuid(os.getuid()).pw_dir
    assert home.startswith(f"{temporary}/")
