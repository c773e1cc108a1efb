# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a migration file that is no YAML is told: the line of the mistake, what to write, and no value."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._migration_file import load_file

COLUMNS = "columns:\n  - {name: a, type: int}\n"
MISTAKES = [
    ("keyspace: k\n\ttable: t\n", "line 2, column 1: there is a tab. Write spaces instead"),
    ("keyspace: k\ntable:\tt\n" + COLUMNS, "line 2, column 7: there is a tab."),
    (
        "keyspace: k\ntable t\n" + COLUMNS,
        "line 2, column 1: there is no colon. Write a key, a colon, a space and the value",
    ),
    ("keyspace: k\ntable:t\n" + COLUMNS, "line 2, column 1: write a space after the colon, as in 'table: orders'."),
    ("keyspace:k\ntable:t\n" + COLUMNS, "line 2, column 1: write a space after the colon"),
    (
        "keyspace: k\n table: t\n" + COLUMNS,
        "line 2, column 2: the line is indented further than line 1, which has a value",
    ),
    ("keyspace: k\ntable: t\ntitle: Orders: shipped\n", "line 3, column 14: a colon and a space within a value"),
    ("columns:\n  - name: a\n      type: int\n", "line 3, column 7: the line is indented further than line 2"),
    (
        "columns:\n  - name: a\n   type: int\n",
        "line 3, column 4: each item of the list that begins in line 2 begins with '- '",
    ),
    ("columns:\n  - name: a\n  name: b\n", "line 3, column 3: each item of the list that begins in line 2"),
    ("columns:\n- name: a\n - name: b\n", "line 3, column 2: "),
    (
        "options:\n    rows_to_read: 1\n  lock_timeout: 2\n",
        "line 3, column 3: the keys of the dictionary that begins in line",
    ),
    (
        "columns:\n  - {name: a type: int}\n",
        "line 2, column 18: a comma is missing before this, or it belongs to the value",
    ),
    ('columns:\n  - {name: "A"b, type: int}\n', "line 2, column 15: a comma is missing before this"),
    ("columns:\n  - {name: a, type: int\n", "line 2, column 5: the brace { that begins here is not closed."),
    ("columns: [{name: a, type: int}\n", "line 1, column 10: the bracket [ that begins here is not closed."),
    ("columns: {name: a}]\n", "line 1, column 19: ] closes nothing here."),
    ('keyspace: k\ntable: "t\n' + COLUMNS, "line 2, column 8: the quote that begins here is not closed."),
    (
        'table: "T" x\n',
        "line 1, column 12: there is text after the quote that ends the value. Put the whole value in quotes.",
    ),
    ("table: @t\n", "line 1, column 8: a value cannot begin with @ in YAML. Put the whole value in quotes."),
    ("table: `t`\n", "line 1, column 8: a value cannot begin with ` in YAML."),
    ("connection: {login_password: %s3cret}\n", "line 1, column 30: a value cannot begin with % in YAML."),
    ("connection:\n  login_password: *s3cret\n", "line 2, column 19: a value that begins with * repeats another one"),
    ('connection:\n  login_password: "s3\\qcret"\n', "line 2, column 23: between double quotes a backslash"),
    ("keyspace: k\n---\ntable: s3cret\n", "line 2, column 1: a second document begins."),
    ("table: |s3cret\n", "line 1, column 9: text stands after | or >."),
    ("keyspace: {{ s3cret }}\n", 'line 1: write quotes around the template, as in "{{ name }}".'),
    ("columns:\n  - {name: a, type: {{ s3cret }}}\n", "line 2: write quotes around the template"),
    (
        "keyspace: !shop k\n",
        "line 1: a value that begins with ! is a type to YAML, and there is none of this name. Put the whole value in q",
    ),
    ("connection: {login_password: !s3cret }\n", "line 1: a value that begins with ! is a type"),
    ("%YAML 3.0\n---\nkeyspace: k\n", "line 1, column 1: found incompatible YAML document"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "migration.yml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        load_file(DataLoader(), str(path))
    assert f"{path} is not YAML: {said}" in refused.value.message
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "keyspace: k\n" + COLUMNS,
        'keyspace: "{{ name }}"\n' + COLUMNS,
        "connection:\n  login_password: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n",
        "connection:\n  login_password: !unsafe x{{y\n",
        "a: &one {b: 1}\nc: {<<: *one}\n",
        # Its aliases stand for a billion values, each of which is looked at once.
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)),
    ],
)
def test_what_ansible_reads_is_no_mistake(tmp_path: Path, text: str) -> None:
    path = tmp_path / "migration.yml"
    path.write_text(text)
    assert load_file(DataLoader(), str(path))
