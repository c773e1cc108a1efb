# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that C(make record) writes has each screen, and the picture of README.md is on it."""

from __future__ import annotations

import re
from pathlib import Path

from demo.screens import PAGE, SCREENS

README = Path(__file__).resolve().parents[2] / "README.md"


def comparable(text: str) -> list[str]:
    """The lines without what is different each time: durations, the stars after a heading, indents."""
    return [line.rstrip("*").strip() for line in re.sub(r"\d+\.\d s", "N s", text).splitlines()]


def test_each_screen_is_on_the_page() -> None:
    lines = comparable(PAGE.read_text())
    assert [screen.title for screen in SCREENS if screen.title not in lines] == []
    assert [screen.command for screen in SCREENS if f"$ {screen.command}" not in lines] == []


def test_the_picture_of_the_readme_is_on_the_page() -> None:
    picture = re.findall(r"```console\n(\$ .*?)```", README.read_text(), re.DOTALL)[0]
    recorded = comparable(PAGE.read_text())
    assert [line for line in comparable(picture) if line not in recorded] == []
