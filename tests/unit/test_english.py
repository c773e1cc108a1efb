# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be counted of our English, over everything that a user reads."""

from __future__ import annotations

import english
import pytest


def test_nothing_is_found_in_the_repository() -> None:
    assert [f"{one.place}: {one.reason}: {one.text}" for one in english.findings()] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The column which is missing.", "'which' without a comma"),
        ("Please look at the colour.", "write"),
        (" ".join(["word"] * 33) + ".", "33 words"),
        ("The module utilizes it.", "write use"),
    ],
)
def test_what_is_found(text: str, reason: str) -> None:
    assert any(reason in one.reason for one in english.check("here", text))


@pytest.mark.parametrize(
    "text",
    [
        "The column, which is missing, is added.",
        "The node in which it is.",
        "It says which nodes answer.",
        f"{' '.join(['word'] * 31)} `a long piece of code that counts as one word`.",
    ],
)
def test_what_is_right(text: str) -> None:
    assert list(english.check("here", text)) == []
