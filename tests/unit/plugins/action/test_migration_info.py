# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of an approved plan: who asks for one never gets a run without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.stellarmap.cassandra.plugins.action.migration_info import _read_plan
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput


def test_without_the_option_there_is_no_plan() -> None:
    assert _read_plan(None, DataLoader()) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "approved_plan is empty"),
        ("", "is not a saved plan: it holds no JSON object"),
        ("[]", "is not a saved plan: it holds no JSON object"),
        ("# plan", "is not a saved plan: it holds no JSON object"),
        ("{}", "plan"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content or "")
    with pytest.raises(InvalidInput) as refused:
        _read_plan(" " if content is None else str(path), DataLoader())
    assert said in refused.value.message
