# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person reads of a draft, and what YAML reads of its file."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.file_text import scalar
from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.report import draft_report

COLUMN: dict[str, Any] = {
    **{"name": "source", "type": "text", "static": False, "present": False, "commented": True},
    **{"path": "models.py", "line": 4, "class_name": "Order", "field": "source"},
}
TABLE = {"keyspace": "shop", "table": "orders", "columns": [COLUMN]}
FOUND = {"cluster": {}, "compared": [], "tables": [TABLE], "undecided": [], "draft": "keyspace: shop\n"}
NOTHING = {**FOUND, "tables": [], "draft": ""}
OPEN = {"what": "Odd.", "path": "models.py", "line": 5, "class_name": "Order", "field": "odd"}


@pytest.mark.parametrize(
    ("result", "path", "before", "check", "outcome", "writes", "words"),
    [
        (FOUND, "new.yml", None, False, "complete", True, "The file is written to new.yml."),
        (FOUND, "new.yml", None, True, "dry_run", False, "The file would be written to new.yml."),
        (FOUND, "new.yml", FOUND["draft"], False, "unchanged", False, "new.yml says this already."),
        (FOUND, "new.yml", "mine", False, "failed", False, "new.yml was not written: it exists"),
        (FOUND, "new.yml", "mine", True, "failed", False, "new.yml was not written: it exists"),
        (FOUND, "", None, False, "dry_run", False, "No file was written."),
        (NOTHING, "new.yml", None, False, "unchanged", False, "Nothing is missing"),
        (NOTHING, "new.yml", "mine", False, "unchanged", False, "Nothing is missing"),
        (
            {**NOTHING, "undecided": [OPEN]},
            "new.yml",
            None,
            False,
            "waiting",
            False,
            "Nothing is missing in what could be compared",
        ),
        (
            {**FOUND, "undecided": [OPEN]},
            "new.yml",
            None,
            False,
            "waiting",
            True,
            "1 thing to decide. The file is written",
        ),
        (
            {"failed": True, "failure": "not_reachable", "msg": "No node."},
            "new.yml",
            None,
            False,
            "failed",
            False,
            "No node.",
        ),
    ],
)
def test_what_becomes_of_a_draft(
    result: dict[str, Any], path: str, before: str | None, check: bool, outcome: str, writes: bool, words: str
) -> None:
    report = draft_report(result, path, before, "localhost", check)
    assert (report["outcome"], report["writes"]) == (outcome, writes)
    assert words in report["msg"]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "yes",
        "No",
        "null",
        "~",
        "1",
        "1.5",
        ".5",
        ".inf",
        "",
        " a ",
        "it's",
        '"Order Id"',
        "map<text, int>",
        "a: b",
        "# a",
        "/srv/a.py",
        "../a b.py",
        "a\tb",
        "\u00e4",
        "\x85",
        "\\",
        "2020-01-01",
        "0x1f",
        "@a",
        "*a",
        'a\nb"c',
    ],
)
def test_yaml_reads_a_text_back(text: str) -> None:
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]
    assert yaml.safe_load(f"{{a: {scalar(text)}}}") == {"a": text}
