# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which row is the canary's own: it is inserted where none is, and deleted only by its own mark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.ensure import _delete, _insert
from ansible_collections.stellarmap.cassandra.plugins.module_utils._canary.request import Canary, Shape
from ansible_collections.stellarmap.cassandra.plugins.module_utils._cql.system_table import Statement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Refused, StatementFailed
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.catalog.model import TableName

OWN = Canary(TableName("shop", "orders"), {"id": 1, "v": "x"}, 60, write_time=100)
SHAPE = Shape({"id": 1}, {"v": "x"})
# The time at which the cell was written, and the seconds until it expires.
Cell = tuple[int, Any]


class Table:
    """A session with a table of at most one row, whose one cell is written as the canary's if that is asked."""

    def __init__(self, cell: Cell | None) -> None:
        self.cell = cell
        self.sent: list[str] = []

    def read(self, statement: Statement) -> list[list[dict[str, Any]]]:
        word = statement.text.split()[0]
        if word == "SELECT":
            return [[dict(zip(("written", "left"), self.cell))] if self.cell else []]
        self.sent.append(word)
        self.cell = (100, 60) if word == "INSERT" else None
        return [[{"[applied]": True}]]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("cell", "is_own"),
    [
        ((100, 30), True),
        # Another run's canary, one that the application has written again, and a row of the application.
        ((200, 30), False),
        ((100, None), False),
        ((200, None), False),
    ],
)
def test_whose_row_is_deleted(cell: Cell, is_own: bool, check: bool) -> None:
    table = Table(cell)
    if is_own:
        assert _delete(table, OWN, SHAPE, check) == {"changed": True}  # type: ignore[arg-type]
    else:
        with pytest.raises(Refused, match="is left alone, because nothing in it is the canary's any more"):
            _delete(table, OWN, SHAPE, check)  # type: ignore[arg-type]
    assert table.sent == (["DELETE"] if is_own and not check else [])


def test_what_has_expired_is_no_change() -> None:
    table = Table(None)
    assert (_delete(table, OWN, SHAPE, False), table.sent) == ({"changed": False}, [])  # type: ignore[arg-type]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (None, ""),
        ((50, 30), "it expires within 30 seconds. Run this again then."),
        ((50, None), "It has no time to live, so it is no canary: choose a key that nobody uses."),
    ],
)
def test_where_one_is_inserted(cell: Cell | None, said: str, check: bool) -> None:
    table = Table(cell)
    if said:
        with pytest.raises(Refused) as refused:
            _insert(table, OWN, SHAPE, check)  # type: ignore[arg-type]
        assert refused.value.message.endswith(said)
    else:
        found = _insert(table, OWN, SHAPE, check)  # type: ignore[arg-type]
        assert found == ({"changed": True, "inserted": not check, **({} if check else {"write_time": 100})})
    assert table.sent == ([] if said or check else ["INSERT"])


DONE = [{"[applied]": True}]


@pytest.mark.parametrize(
    ("answers", "words", "what_became"),
    [
        ([[], []], "did not say whether the condition", "expires within 60 seconds"),
        ([[], [{"id": 1}]], "did not say whether the condition", "expires within 60 seconds"),
        ([[], [{"[applied]": "yes"}]], "did not say whether the condition", "expires within 60 seconds"),
        ([[{"written": b"\xff", "left": 60}]], "cannot be right", ""),
        (
            [[], DONE, [{"written": 100, "left": [60]}]],
            "cannot be right",
            "was inserted into shop.orders: it expires",
        ),
        ([[], DONE, [{"written": 100}]], "cannot be right", "was inserted into shop.orders: it expires"),
        (
            [[], DONE, StatementFailed("the words")],
            "the words",
            "was inserted into shop.orders: it expires",
        ),
    ],
)
def test_an_answer_that_cannot_be_right(answers: list[Any], words: str, what_became: str) -> None:
    def read(_statement: Statement) -> list[Any]:
        answer = answers.pop(0)
        if isinstance(answer, StatementFailed):
            raise answer
        return [answer]

    with pytest.raises(StatementFailed, match=words) as caught:
        _insert(SimpleNamespace(read=read), OWN, SHAPE, False)  # type: ignore[arg-type]
    assert what_became in caught.value.message
