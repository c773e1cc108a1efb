# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of Python classes, switched on and off: tables of source texts, and generated ones."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure, InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import Wish, plan_edit
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.find import FieldUnclear
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.text import read_text

MODELS = '''\
"""Models.

    # source = columns.Text()  in words
"""
import uuid
from shop import columns, Model


class Customer(Model):
    name = columns.Text()
    # source = columns.Text(max_length=64)  # of the customer


class Order(Model):
    """One order.

    # source = columns.Text(default='quoted')
    """
    id = columns.UUID(primary_key=True, default=uuid.uuid4)

    # Tracking fields
    # IMPORTANT: These stay commented out until the migration has run
    # source = where the order came from
    # Enable them AFTER it. source: see above
    # source = columns.Text(max_length=64, default='')  # WEB, PHONE
    # attempted_at = columns.DateTime(default=None)  # Last time

    status = columns.Text(choices=[
        # source = columns.Text()
        "new",
    ])

    def save(self):
        # source = columns.Text(default='local')
        return super().save()

    class Meta:
        # source = columns.Text(default='inner')
        key = "id"


class Item(Model):
    source = columns.Text()
'''
ENABLED = MODELS.replace(
    "    # source = columns.Text(max_length=64, default='')  # WEB",
    "    source = columns.Text(max_length=64, default='')  # WEB",
).replace("    # attempted_at", "    attempted_at")


def edit(source: str | bytes, *fields: str, name: str = "Order", enabled: bool = True, stale: tuple[str, ...] = ()):
    content = source if isinstance(source, bytes) else source.encode()
    planned = plan_edit(read_text(content, "models.py"), Wish("models.py", name, fields, enabled, stale))
    return planned, planned.text.encode()


def test_only_the_fields_of_the_class_change() -> None:
    planned, after = edit(MODELS, "source", "attempted_at")
    assert after == ENABLED.encode()
    assert planned.fields == (("source", "disabled", True), ("attempted_at", "disabled", True))
    again, same = edit(ENABLED, "source", "attempted_at")
    assert (same, again.fields) == (after, (("source", "enabled", False), ("attempted_at", "enabled", False)))
    _off, back = edit(ENABLED, "source", "attempted_at", enabled=False)
    assert back == MODELS.encode()


def test_other_classes_by_their_names() -> None:
    assert edit(MODELS, "source", name="Customer")[1].count(b"\n    source = columns.Text(max_length=64)") == 1
    assert b"\n        source = columns.Text(default='inner')" in edit(MODELS, "source", name="Order.Meta")[1]


def test_stale_comments_go_from_this_class_only() -> None:
    words = "IMPORTANT: These stay commented out until the migration has run"
    source = MODELS.replace("    name =", f"    # {words}\n    name =")
    planned, after = edit(source, "source", stale=(f"# {words}", "Not there"))
    assert planned.removed == (f"# {words}",)
    assert after.decode().count(words) == 1
    assert after.decode().splitlines()[9] == f"    # {words}"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("    #source = Text()", "    source = Text()"),
        ("#    source = Text()", "    source = Text()"),
        ("#     source = Text()", "    source = Text()"),
        ("    # source: str = Text()", "    source: str = Text()"),
        ("    # source = (\n    #     Text()\n    # )", "    source = (\n        Text()\n    )"),
        ("    # source = Text(\n    #    'a',\n\n    # b)", None),
        ("    # source = Text(", None),
        ("    # source = unset", "    source = unset"),
        ("    # source == Text()", None),
        ("    # source: Text", None),
        ("    # sources = Text()", None),
        ("    ## source = Text()", None),
        ("  # source = Text()", None),
        ("        # source = Text()", None),
        ("    # source = Text(); other = 1", None),
    ],
)
def test_what_is_a_commented_field(body: str, wanted: str | None) -> None:
    source = f"class A:\n    x = 1\n{body}\n    y = 2\n"
    if wanted is None:
        with pytest.raises(FieldUnclear, match="neither there nor commented out"):
            edit(source, "source", name="A")
    else:
        assert edit(source, "source", name="A")[1].decode() == f"class A:\n    x = 1\n{wanted}\n    y = 2\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["\t", "  ", "    "])
def test_ends_of_lines_and_indentation_stay(end: str, indent: str) -> None:
    lines = ["class A:", "{}x = 1  ", "{}# source = Text('é')   ", "\x0c", "class B:", "{}# source = Text()", "{}pass"]
    source = end.join(lines).replace("{}", indent)
    after = edit(source, "source", name="A")[1].decode()
    assert after == source.replace(f"{indent}# source = Text('é')", f"{indent}source = Text('é')")


def test_a_comment_after_the_last_statement_belongs_to_the_class() -> None:
    source = "class A:\n    def f(self):\n        return 1\n    # source = Text()\n\n# source = Text()\nx = 1\n"
    assert b"        return 1\n    source = Text()\n\n# source" in edit(source, "source", name="A")[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(encoding: str) -> None:
    head = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    source = f"{head}class A:\n    x = 'é'\n    # source = Text('é')\n".encode(encoding)
    assert edit(source, "source", name="A")[1] == source.replace(b"# source", b"source")


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        (b"class A:\n    x = '\xff'\n", "A", "cannot be read as Python source"),
        (b"# coding: nonsense\n", "A", "unknown encoding"),
        (b"class A(:\n", "A", r"no valid Python source \(line 1\)"),
        (b"return 1\n", "A", "no valid Python source"),
        (b"class Aa:\n    x = 1\nclass B:\n    x = 1\n", "A", "has no class A: it has Aa, B"),
        (b"x = 1\n", "A", "it has no class"),
        (b"class A:\n    x = 1\nclass A:\n    x = 2\n", "A", r"2 classes A \(lines 1, 3\)"),
        (b"class A: pass\n", "A", "stands on the line of its name"),
        (b"class A:\n    x = 1\n    # source = T(1)\n    # source = T(2)\n", "A", r"2 times \(lines 3, 4\)"),
        (b"class A:\n    x = 1\n    # source = a\n    # source = b\n", "A", r"2 times"),
    ],
)
def test_what_is_unclear_is_a_failure(source: bytes, name: str, message: str) -> None:
    with pytest.raises(Failure, match=message):
        edit(source, "source", name=name)


def test_all_problems_at_once() -> None:
    with pytest.raises(FieldUnclear, match=r"field one is neither.*field two is neither"):
        edit(MODELS, "one", "source", "two")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("    source = T(); y = 1", "shares its line"),
        ("    source = y = T()", "shares its line or its statement"),
        ("    source = T('''\nwide''')", "indented less"),
    ],
)
def test_what_cannot_be_commented_out(body: str, message: str) -> None:
    with pytest.raises(FieldUnclear, match=message):
        edit(f"class A:\n    x = 1\n{body}\n", "source", name="A", enabled=False)


def test_the_last_statement_cannot_be_commented_out() -> None:
    with pytest.raises(InvalidInput, match="after the change is no valid Python source"):
        edit("class A:\n    source = T()\n", "source", name="A", enabled=False)


def test_several_lines_there_and_back() -> None:
    source = "class A:\n    x = 1\n    source = T(\n\n        1,  # one\n    )\n"
    _off, off = edit(source, "source", name="A", enabled=False)
    assert off.decode() == "class A:\n    x = 1\n    # source = T(\n    #\n    #     1,  # one\n    # )\n"
    assert edit(off, "source", name="A")[1].decode().split() == source.split()


WORDS = st.text("abc =(),'#:", max_size=12)


@given(st.lists(WORDS), st.lists(WORDS), st.booleans())
def test_words_around_a_field_never_matter(before: list[str], after: list[str], last: bool) -> None:
    """Whatever comments stand around it, the field is found, or the text is refused; nothing else changes."""
    around = ["".join(f"    # {words}\n" for words in lines) for lines in (before, after)]
    source = f"class A:\n    x = 1\n{around[0]}    # source = T(1)\n{around[1]}" + ("" if last else "    y = 2\n")
    assert edit(source, "source", name="A")[1].decode() == source.replace("    # source = T(1)", "    source = T(1)")


def test_the_example_of_the_documentation() -> None:
    source = textwrap.dedent("""
    class Order:
        # Enable these after the migration
        # source = Text()
        # last_attempt = DateTime()
        id = UUID()
    """)
    wanted = "\nclass Order:\n    source = Text()\n    last_attempt = DateTime()\n    id = UUID()\n"
    assert edit(source, "source", "last_attempt", stale=("Enable these after the migration",))[1].decode() == wanted
