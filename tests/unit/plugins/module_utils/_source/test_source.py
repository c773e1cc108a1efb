# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of Python classes, enabled and disabled, and what stays as it is."""

from __future__ import annotations

import textwrap

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import FieldEdit, plan_edit
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


def edit(source: str | bytes, *fields: str, name: str = "Order", enabled: bool = True):
    content = source if isinstance(source, bytes) else source.encode()
    planned = plan_edit(read_text(content, "models.py"), FieldEdit("models.py", name, fields, enabled))
    return planned, planned.text.encode()


def states(fields):
    return [(one.name, one.state, one.line, one.describe()["kind"]) for one in fields]


def test_only_the_fields_of_the_class_change() -> None:
    planned, after = edit(MODELS, "source", "attempted_at")
    assert after == ENABLED.encode()
    assert states(planned.before) == [
        ("source", "disabled", 25, "columns.Text"),
        ("attempted_at", "disabled", 26, "columns.DateTime"),
    ]
    assert states(planned.after) == [
        ("source", "enabled", 25, "columns.Text"),
        ("attempted_at", "enabled", 26, "columns.DateTime"),
    ]
    again, same = edit(ENABLED, "source", "attempted_at")
    assert (same, states(again.before)) == (after, states(again.after))
    _off, back = edit(ENABLED, "source", "attempted_at", enabled=False)
    assert back == MODELS.encode()


def test_other_classes_by_their_names() -> None:
    assert edit(MODELS, "source", name="Customer")[1].count(b"\n    source = columns.Text(max_length=64)") == 1
    assert b"\n        source = columns.Text(default='inner')" in edit(MODELS, "source", name="Order.Meta")[1]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["\t", "  ", "    "])
def test_ends_of_lines_and_indentation_stay(end: str, indent: str) -> None:
    lines = [
        "from shop import Text",
        "class A:",
        "{}x = 1  ",
        "{}# source = Text('é')   ",
        "\x0c",
        "class B:",
        "{}# source = Text()",
        "{}pass",
    ]
    source = end.join(lines).replace("{}", indent)
    after = edit(source, "source", name="A")[1].decode()
    assert after == source.replace(f"{indent}# source = Text('é')", f"{indent}source = Text('é')")


def test_a_comment_after_the_last_statement_belongs_to_the_class() -> None:
    head = "from shop import Text\nclass A:\n"
    source = head + "    def f(self):\n        return 1\n    # source = Text()\n\n# source = Text()\nx = 1\n"
    assert b"        return 1\n    source = Text()\n\n# source" in edit(source, "source", name="A")[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(encoding: str) -> None:
    head = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else ""
    source = f"{head}from shop import Text\nclass A:\n    x = 'é'\n    # source = Text('é')\n".encode(encoding)
    assert edit(source, "source", name="A")[1] == source.replace(b"# source", b"source")


def test_all_problems_at_once() -> None:
    with pytest.raises(FieldUnclear, match=r"one is neither.*; two is neither"):
        edit(MODELS, "one", "source", "two")


def test_several_lines_there_and_back() -> None:
    source = "import T\nclass A:\n    x = 1\n    source = T(\n\n        1,  # one\n    )\n"
    _off, off = edit(source, "source", name="A", enabled=False)
    assert off.decode() == "import T\nclass A:\n    x = 1\n    # source = T(\n    #\n    #     1,  # one\n    # )\n"
    assert edit(off, "source", name="A")[1].decode() == source


def test_fields_that_use_each_other_go_together() -> None:
    source = "import T\nclass A:\n    one = T()\n    two = T(one)\n    x = 1\n"
    with pytest.raises(FieldUnclear, match="one is also named in line 4"):
        edit(source, "one", name="A", enabled=False)
    off = edit(source, "one", "two", name="A", enabled=False)[1]
    assert edit(off, "one", "two", name="A")[1].decode() == source
    assert edit(off, "one", "two", name="A")[1].decode() == source


def test_the_outer_class_has_to_be_clear_too() -> None:
    source = "class A:\n    class B:\n        x = 1\n"
    assert edit(source, "source", name="A.B", enabled=False)[0].after[0].state == "absent"
    with pytest.raises(FieldUnclear, match="more than once, in lines 1, 4"):
        edit(source + "class A:\n    y = 1\n", "source", name="A.B", enabled=False)
    with pytest.raises(FieldUnclear, match="more than once, in lines 1, 4"):
        edit(source + "A = 1\n", "source", name="A.B", enabled=False)


def test_the_example_of_the_documentation() -> None:
    source = textwrap.dedent("""
    from shop import *
    class Order:
        # source = Text()
        # last_attempt = DateTime()
        id = UUID()
    """)
    wanted = "\nfrom shop import *\nclass Order:\n    source = Text()\n    last_attempt = DateTime()\n    id = UUID()\n"
    assert edit(source, "source", "last_attempt")[1].decode() == wanted
