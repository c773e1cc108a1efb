# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the tables of hostile files: what is said of each, and that a failure comes before any change."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import Edit, FieldEdit, plan_edit
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.find import FieldUnclear
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.text import read_text
from tests.unit.plugins.module_utils._source import hostile_fields


def edit(source: str | bytes, enabled: bool, kinds: dict[str, str] | None = None) -> Edit:
    content = source if isinstance(source, bytes) else source.encode()
    wanted = FieldEdit("models.py", "Order", ("source",), enabled, (), kinds or {})
    return plan_edit(read_text(content, "models.py"), wanted)


@pytest.mark.parametrize(("body", "state", "sentence"), hostile_fields.DISABLE, ids=lambda value: repr(value)[:60])
def test_disable(body: str, state: str, sentence: str) -> None:
    source = hostile_fields.HEAD + body
    if sentence:
        with pytest.raises(Failure) as caught:
            edit(source, False)
        assert sentence in caught.value.message
        assert "models.py, class Order: " in caught.value.message
        (field,) = caught.value.facts.get("fields", [{"state": state}])
        assert field["state"] == state
    else:
        done = edit(source, False)
        assert done.before[0].state == state
        assert done.after[0].state == ("disabled" if state == "enabled" else state)
        assert (done.text.source != source) == (state == "enabled")


@pytest.mark.parametrize(("body", "kinds", "sentence"), hostile_fields.ENABLE, ids=lambda value: repr(value)[:60])
def test_enable(body: str, kinds: dict[str, str], sentence: str) -> None:
    source = hostile_fields.HEAD + body
    if sentence:
        with pytest.raises(FieldUnclear) as caught:
            edit(source, True, kinds)
        assert sentence in caught.value.message
    else:
        done = edit(source, True, kinds)
        assert (done.before[0].state, done.after[0].state) == ("disabled", "enabled")
        assert edit(done.text.source, False, kinds).after[0].state == "disabled"


@pytest.mark.parametrize(("source", "sentence"), hostile_fields.FILES, ids=lambda value: repr(value)[-60:])
def test_files(source: str, sentence: str) -> None:
    with pytest.raises(Failure) as caught:
        edit(source, False)
    assert sentence in caught.value.message


@pytest.mark.parametrize(("source", "sentence"), hostile_fields.UNREADABLE, ids=lambda value: repr(value)[:40])
def test_unreadable_files(source: bytes, sentence: str) -> None:
    with pytest.raises(Failure) as caught:
        edit(source, True)
    # How deep is too deep is different in each version of Python; what can be read has no class.
    can_be_read = "has no class Order" in caught.value.message and sentence == "nested too deeply"
    assert sentence in caught.value.message or can_be_read


@pytest.mark.parametrize(
    ("block", "version"),
    [
        ("match a:\n        case source:\n            pass\n", (3, 10)),
        ("match a:\n        case {**source}:\n            pass\n", (3, 10)),
        ("match a:\n        case [*source]:\n            pass\n", (3, 10)),
        ("try:\n        source = 1\n    except* E:\n        pass\n", (3, 11)),
        ("type source = int\n", (3, 12)),
        ("def source[T](self):\n        pass\n", (3, 12)),
    ],
)
def test_newer_syntax(block: str, version: tuple[int, int]) -> None:
    """A Python that knows the syntax names the line; an older one says that it cannot know it."""
    line, needed = ("sets source", "") if sys.version_info >= version else ("no valid Python source", "needs Python 3.")
    with pytest.raises(Failure) as caught:
        edit(f"{hostile_fields.HEAD}    {block}", False)
    assert line in caught.value.message
    assert needed in caught.value.message


def test_what_only_the_running_program_knows_is_a_note() -> None:
    source = "if a:\n    @add\n    class Order(Base, metaclass=M):\n        b = 1\n"
    notes = " ".join(edit(source, False).notes)
    for words in ("Base class Base", "(metaclass)", "decorator in line 2", "inside a block (line 3)"):
        assert words in notes
    source = "class Order:\n    b = 1\nfrom shop import *\n"
    assert "Line 3 imports all names of shop" in edit(source, False).notes[0]
    assert "Line 3 replaces the class" in edit("class Order:\n    b = 1\nOrder = add(Order)\n", False).notes[0]


def test_there_are_enough_of_them() -> None:
    rows = [*hostile_fields.DISABLE, *hostile_fields.ENABLE, *hostile_fields.FILES, *hostile_fields.UNREADABLE]
    assert len({repr(row) for row in rows}) == len(rows) > 200
