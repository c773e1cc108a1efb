# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What C(make record) writes is there: each screen on its page, each output of the pages that are walked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from demo.screens import PAGE, SCREENS
from demo.walk import PAGES


def test_each_screen_is_on_the_page() -> None:
    lines = PAGE.read_text().splitlines()
    assert [screen.title for screen in SCREENS if f"## {screen.title}" not in lines] == []
    assert [screen.command for screen in SCREENS if f"$ {screen.command}" not in lines] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_output_is_recorded(page: Path) -> None:
    text = page.read_text()
    assert "<!-- output -->" in text
    assert re.findall(r"<!-- output -->\n\n(?!```text)", text) == []
