# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated classes: a field goes from comment to code and back, and every other byte stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import FieldEdit, plan_edit
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.text import read_text

FIELDS = [
    ["source = columns.Text()"],
    ["source: str = columns.Text()  # source = \xe9"],
    ["source = columns.Map(", "    columns.Text,  # one", "", "  columns.Text,", ")"],
    ["source = columns.Text(default='''", "    two", "", "    lines''')"],
    ["source = columns.Text(", "\tmax_length=1)"],
    ["source = \\", "        columns.Text()"],
    ["source = columns.Text(help='# not a comment \\x0c')  # [ ( '''"],
]
# Any of them may stand around the field, in any order.
OTHERS = [
    ["# words"],
    ["# source: the field below, see source = none"],
    ["#"],
    [""],
    ["   "],
    ["\x0c"],
    ["other = columns.Text()  # source = columns.Text()"],
    ["'''", "# source = columns.Text(default='quoted')", "'''"],
    ["items = [", "    # source = columns.Text()", "]"],
    ["def save(self):", "    # source = columns.Text()", "    return self.b"],
    ["class Meta:", "    # source = columns.Text()", "    key = 'id'"],
    ["if True:", "    # source = columns.Text()", "    b = 1"],
    ["# sources = columns.Text()"],
    ["x = 1 + \\", "    2"],
]
WORDS = st.text("abc =(),#:", max_size=12).map(lambda words: ["# " + words])
BLOCKS = st.lists(st.one_of(st.sampled_from(OTHERS), WORDS), max_size=6)


def edit(content: bytes, enabled: bool) -> bytes:
    wanted = FieldEdit("models.py", "Order", ("source",), enabled)
    return plan_edit(read_text(content, "models.py"), wanted).text.encode()


@given(
    st.sampled_from(FIELDS),
    BLOCKS,
    BLOCKS,
    st.sampled_from(["    ", "  ", "\t", " "]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
    st.booleans(),
)
def test_every_other_byte_stays(
    field: list[str], before: list[list[str]], after: list[list[str]], indent: str, end: str, encoding: str, last: bool
) -> None:
    # Python reads a cookie only from a line with one of the usual ends.
    encoding = "utf-8" if end == "\r" else encoding
    head = ["# coding: latin-1"] if encoding == "latin-1" else []
    head += ["import columns", "class Item:", f"{indent}# source = columns.Text()", f"{indent}x = 1", "class Order:"]
    head += [f"{indent}id = columns.UUID()"]
    around = [[indent + line if line.strip() else line for block in side for line in block] for side in (before, after)]
    tail = ["class Other:", f"{indent}source = columns.Text()", ""]

    def file(lines: list[str]) -> bytes:
        ends = [*head, *around[0], *lines, *(around[1] + tail if last else [])]
        return end.join(ends).encode(encoding)

    code = file([indent + line if line else "" for line in field])
    comment = file([f"{indent}# {line}" if line else f"{indent}#" for line in field])
    assert edit(code, False) == comment
    assert edit(comment, True) == code
    assert edit(edit(comment, True), False) == comment
    assert edit(comment, False) == comment
    assert edit(code, True) == code


@given(st.sampled_from(FIELDS), st.sampled_from(["    #", "#    ", "#     "]), BLOCKS)
def test_other_signs_become_ours_and_nothing_else_changes(field: list[str], sign: str, before: list[list[str]]) -> None:
    around = ["    " + line if line.strip() else line for block in before for line in block]
    lines = [*around, *(sign + line for line in field if line), "    y = 2", ""]
    source = "\n".join(["import columns", "class Order:", "    x = 1", *lines]).encode()
    enabled = edit(source, True)
    disabled = edit(enabled, False)
    assert edit(disabled, True) == enabled
    count = len([line for line in field if line])
    kept = [
        text.splitlines()[: 3 + len(around)] + text.splitlines()[3 + len(around) + count :]
        for text in (source, enabled, disabled)
    ]
    assert kept[0] == kept[1] == kept[2]
