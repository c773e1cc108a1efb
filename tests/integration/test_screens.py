# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The screens of the documentation and of README.md are what the playbooks print on real clusters."""

from __future__ import annotations

import re

import pytest
from demo.screens import PAGE, page

from .conftest import REPOSITORY

# Two clusters, started once.
pytestmark = pytest.mark.xdist_group("screens")


def comparable(text: str) -> list[str]:
    """Without what is different each time: durations, fingerprints, moments, and the order of what is at once."""
    text = re.sub(r"\d+\.\d s", "N s", text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:N", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "THEN", text)
    # The hosts of a play are done at once, and Ansible names them as they end.
    text = re.sub(r"(?m)(?<= for )\w+(, \w+)+(?= =>|$)", lambda found: ", ".join(sorted(found[0].split(", "))), text)
    tasks = re.split(r"\n(?= *TASK )", text)
    return [line for task in tasks for line in _hosts_in_order(task.splitlines())]


def _hosts_in_order(lines: list[str]) -> list[str]:
    place = [index for index, line in enumerate(lines) if re.match(r" +(ok|changed|skipping): \[", line)]
    for index, line in zip(place, sorted(lines[index] for index in place)):
        lines[index] = line
    return lines


def test_the_page_is_what_is_printed() -> None:
    recorded = PAGE.read_text()
    assert comparable(page()) == comparable(recorded), "make record writes the page again"


def test_the_picture_of_the_readme_is_on_the_page() -> None:
    picture = re.findall(r"```console\n(\$ .*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)[0]
    recorded = {line.strip().rstrip("*").strip() for line in comparable(PAGE.read_text())}
    lines = [line.strip().rstrip("*").strip() for line in comparable(picture)]
    assert [line for line in lines if line not in recorded] == []
