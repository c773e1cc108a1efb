# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page of the documentation, walked from its top: its commands are typed as they stand, and their output is shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = (REPOSITORY / "README.md", REPOSITORY / "docs" / "first_migration.md")
# The programs of these commands work on the cluster; what installs, starts a server, or opens a shell is not typed.
_TYPED = ("ansible-playbook", "cqlsh")
_STEP = re.compile(
    r"```yaml\n(?P<file>.*?)```|```console\n(?P<commands>.*?)```|(?P<mark><!-- output -->\n)(?:\n```text\n.*?```\n)?",
    re.DOTALL,
)


def walk(page: str, folder: Path, environment: Mapping[str, str]) -> str:
    """The page, with the output of the last command behind each mark; raises AssertionError if a command fails.

    The first migration file of the page is written to `shipped_at.yml`.
    """
    output = ""
    files: list[str] = []

    def step(found: re.Match[str]) -> str:
        nonlocal output
        if found["file"]:
            if not files and found["file"].startswith("keyspace:"):
                files.append(found["file"])
                (folder / "shipped_at.yml").write_text(found["file"])
        elif found["commands"]:
            for command in commands(found["commands"]):
                output = _type(command, folder, environment)
        else:
            return found["mark"] + "\n" + fenced("text", output)
        return found[0]

    return _STEP.sub(step, page)


def commands(block: str) -> list[str]:
    """The commands of a block that are typed."""
    lines = [line.partition("$ ")[2] if line.startswith("$ ") else line for line in block.splitlines()]
    return [line for line in lines if line.split(" ")[0] in _TYPED]


def fenced(language: str, text: str) -> str:
    """A block of Markdown."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    fence = "````" if "```" in lines else "```"
    return f"{fence}{language}\n{lines}\n{fence}\n"


def as_documented(text: str, real: Mapping[str, str]) -> str:
    """A screen as pages show it; `real` maps what the pages say to what is here."""
    for documented, here in real.items():
        text = text.replace(here, documented)
    # Ansible fills each line of a heading with stars up to the width of the screen.
    return re.sub(r"\*{3,}$", "****", text, flags=re.MULTILINE)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment in which the programs of this checkout find this collection, and keep what they write in the folder."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".cache" / "collections"),
        "ANSIBLE_HOME": str(folder / "ansible-home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
    }


def _type(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env={**surroundings(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
