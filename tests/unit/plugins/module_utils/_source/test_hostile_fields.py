# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the tables of hostile files: what is said of each, and that a failure comes before any change."""

from __future__ import annotations

import itertools
import sys

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import Edit, FieldEdit, plan_edit
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.find import FieldUnclear
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.text import read_text
from tests.unit.plugins.module_utils._source import hostile_fields


def edit(source: str | bytes, enabled: bool) -> Edit:
    content = source if isinstance(source, bytes) else source.encode()
    wanted = FieldEdit("models.py", "Order", ("source",), enabled)
    return plan_edit(read_text(content, "models.py"), wanted)


@pytest.mark.parametrize(("body", "state", "sentence"), hostile_fields.DISABLE, ids=lambda value: repr(value)[:60])
def test_disable(body: str, state: str, sentence: str) -> None:
    source = hostile_fields.HEAD + body
    if sentence:
        with pytest.raises(Failure) as caught:
            edit(source, False)
        assert sentence in caught.value.message
        assert caught.value.message.startswith("models.py ")
        (field,) = caught.value.facts.get("fields", [{"state": state}])
        assert field["state"] == state
    else:
        done = edit(source, False)
        assert done.before[0].state == state
        assert done.after[0].state == ("disabled" if state == "enabled" else state)
        assert (done.text.source != source) == (state == "enabled")


@pytest.mark.parametrize(("body", "sentence"), hostile_fields.ENABLE, ids=lambda value: repr(value)[:60])
def test_enable(body: str, sentence: str) -> None:
    source = hostile_fields.HEAD + body
    if sentence:
        with pytest.raises(FieldUnclear) as caught:
            edit(source, True)
        assert sentence in caught.value.message
    else:
        done = edit(source, True)
        assert (done.before[0].state, done.after[0].state) == ("disabled", "enabled")
        assert edit(done.text.source, False).after[0].state == "disabled"


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
    line, needed = "the class has the name source in line", ""
    if sys.version_info < version:
        line, needed = "no valid Python source", "needs a newer Python"
    with pytest.raises(Failure) as caught:
        edit(f"{hostile_fields.HEAD}    {block}", False)
    assert line in caught.value.message
    assert needed in caught.value.message


@pytest.mark.parametrize(("source", "sentence"), hostile_fields.ENABLE_FILES, ids=lambda value: repr(value)[-60:])
def test_enable_files(source: str, sentence: str) -> None:
    if sentence:
        with pytest.raises(FieldUnclear) as caught:
            edit(source, True)
        assert sentence in caught.value.message
    else:
        done = edit(source, True)
        assert done.after[0].state == "enabled"
        if "import source" not in source:
            assert edit(done.text.source, False).text.source == source


@pytest.mark.parametrize("head", hostile_fields.DEAD_HEADS)
def test_a_field_of_commented_out_code_is_refused(head: str) -> None:
    """Wherever the signs stand, with and without blank lines, at the end of the file and before more code."""
    gaps, tails = ("", "\n", "\n\n", "#\n"), ("", "\n\nclass Other(Base):\n    b = 1\n")
    for sign in ("# ", "#", "    # ", "    #"):
        lines = "".join(f"{sign}{line}\n" for line in head.split("\n"))
        # Signs at the indentation of the class before lines that lost theirs leave no shape; signs at column 0 do.
        bodies = ["", "    # other = 1\n", *([f"{sign}    other = 1\n"] if sign.startswith("#") else [])]
        for body, gap, tail in itertools.product(bodies, gaps, tails):
            source = f"{hostile_fields.HEAD}\n{lines}{body}{gap}    # source = columns.Text()\n{tail}"
            with pytest.raises(FieldUnclear, match="belongs to the commented-out code that begins in line"):
                edit(source, True)


def test_a_field_of_a_dead_class_is_no_second_candidate() -> None:
    dead = "\n# class Exam(Base):\n#     id = columns.UUID()\n\n#     source = columns.Text()\n"
    done = edit(hostile_fields.HEAD + "    # source = columns.Text()\n" + dead, True)
    assert done.text.source == hostile_fields.HEAD + "    source = columns.Text()\n" + dead
    assert done.after[0].line == 7


@pytest.mark.parametrize(
    ("call", "notes"),
    [
        ("columns.Text(db_field='stored')", ["the table must have column stored, and needs no column source"]),
        ("columns.Text(static=True)", ["column source must be static in the table"]),
        ("columns.Text(index=True)", ["column source needs an index in the table"]),
        ("columns.Text(index=True, static=True)", ["must be static in the table", "needs an index in the table"]),
        ("columns.Text(db_field='source', index=False)", []),
    ],
)
@pytest.mark.parametrize("sign", ["", "# "])
def test_what_a_line_says_of_its_column_is_a_note(call: str, notes: list[str], sign: str) -> None:
    done = edit(f"{hostile_fields.HEAD}    {sign}source = {call}\n", True)
    for state in (done.before[0], done.after[0]):
        assert len(state.notes) == len(notes)
        assert all(words in note for words, note in zip(notes, state.notes))


def test_what_only_the_running_program_knows_is_a_note() -> None:
    notes = " ".join(edit("class Order(Base, metaclass=M):\n    b = 1\n", False).notes)
    assert "Base class Base is not in this file" in notes
    named = hostile_fields.HEAD + "    source = columns.Text()\n\n    def f(self):\n        return self.source\n"
    assert "cannot be disabled before line 10 is changed" in edit(named, True).after[0].notes[0]


def test_none_is_there_twice() -> None:
    rows = [*hostile_fields.DISABLE, *hostile_fields.ENABLE, *hostile_fields.FILES, *hostile_fields.UNREADABLE]
    assert len({repr(row) for row in rows}) == len(rows)
