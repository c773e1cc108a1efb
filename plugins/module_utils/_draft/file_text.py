# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A draft as the text of a migration file, in its smallest form, with a comment for each column; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .._clean import one_line
from .._cql.identifier import display_name
from .._schema.catalog.model import TableName
from .compare import Draft, DraftColumn
from .fields import Undecided

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*\Z")
# What YAML 1.1 reads as something else than a text.
_WORDS = frozenset("true false yes no on off y n null".split())


def draft_text(draft: Draft, folder: str) -> str:
    """The file, or an empty text if nothing is missing; relative paths of models are below C(folder)."""
    if not draft.tables:
        return ""
    lines = ["# Drafted from the models by stellarmap.cassandra.draft. Read it, and change what you mean otherwise."]
    if len(draft.tables) == 1:
        ((name, columns),) = draft.tables.items()
        lines += _table(name, columns)
    else:
        lines.append("tables:")
        for name, columns in draft.tables.items():
            first, *rest = _table(name, columns)
            lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    return "\n".join([*lines, *_models(draft, folder), *_undecided(draft.undecided)]) + "\n"


def scalar(text: str) -> str:
    """The text as YAML reads it back as the same text, wherever it stands."""
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in text)
    return f'"{escaped}"'


def place_text(path: str, line: int, class_name: str, field: str = "") -> str:
    """Where something stands in the models, on one line."""
    of_class = f", class {class_name}" if class_name else ""
    return one_line(f"{path}:{line}{of_class}{f', field {field}' if field else ''}")


def _table(name: TableName, columns: Sequence[DraftColumn]) -> Iterator[str]:
    yield f"keyspace: {scalar(display_name(name.keyspace))}"
    yield f"table: {scalar(display_name(name.name))}"
    yield "columns:"
    for one in columns:
        field = one.field
        yield f"  # {place_text(field.path, field.line, field.class_name, field.name)}{_remark(one)}"
        static = ", static: true" if one.column.static else ""
        column = scalar(display_name(one.column.name))
        yield f"  - {{name: {column}, type: {scalar(str(one.column.type))}{static}}}"


def _remark(one: DraftColumn) -> str:
    commented = "commented out" if one.field.commented else ""
    present = "the table has the column" if one.present else ""
    made = one.field.made
    index = (
        "the model says index=True: add index to the column if the table is to have one"
        if made and made.indexed
        else ""
    )
    words = ", and ".join(filter(None, (commented, present)))
    return "".join(f"; {word}" for word in (words, index) if word)


def _models(draft: Draft, folder: str) -> Iterator[str]:
    enabled = draft.enabled
    if any(not path.startswith("/") for path, _class in enabled):
        yield "application:"
        yield f"  path: {scalar(folder)}"
    if enabled:
        yield "model_fields:"
    for (path, class_name), fields in enabled.items():
        yield f"  - path: {scalar(path)}"
        yield f"    class_name: {scalar(class_name)}"
        yield f"    fields: [{', '.join(map(scalar, fields))}]"


def _undecided(undecided: Sequence[Undecided]) -> Iterator[str]:
    if undecided:
        yield "# Not decided, and so not in this file:"
    for one in undecided:
        yield f"# - {place_text(one.path, one.line, one.class_name)}: {one_line(one.what)}"
