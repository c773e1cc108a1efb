# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables and user-defined types of a migration file, with what is wrong with them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .shape import Spec, mistakes, shape, value_mistakes

TABLE: Spec = {
    "keyspace": {"required": True},
    "table": {"required": True},
    "columns": {"type": "list", "elements": "dict", "required": True},
    "state": {"choices": ("present", "absent")},
}
_TYPE: Spec = {
    "keyspace": {"required": True},
    "type": {"required": True},
    "fields": {"type": "list", "elements": "dict", "required": True},
}


def read_types(raw: Mapping[str, Any], hints: Mapping[str, str], errors: list[str]) -> Iterator[dict[str, Any]]:
    """The user-defined types, each with all keys."""
    entries = raw.get("types", [])
    if "types" in raw and (not isinstance(entries, list) or not entries):
        errors.append(f"'types' is a list of user-defined types, each with type and fields, not {shape(entries)}.")
        return
    inherited = {key: raw[key] for key in ("keyspace",) if key in raw}
    for number, entry in enumerate(entries, start=1):
        yield from _entry(_inherit(inherited, entry), _TYPE, f"types[{number}]", hints, errors)


def read_table_entries(raw: Mapping[str, Any], hints: Mapping[str, str], errors: list[str]) -> Iterator[dict[str, Any]]:
    """The tables of the long form or of the short one, each with all keys."""
    is_long = "tables" in raw
    if not is_long and "types" in raw and not {"table", "columns"} & set(raw):
        return
    both = [key for key in ("table", "columns") if is_long and key in raw]
    if both:
        errors.append(f"Give 'tables', or '{both[0]}' for a single table, not both.")
    inherited = {key: raw[key] for key in TABLE if key in raw}
    entries = raw["tables"] if is_long else [{}]
    if not isinstance(entries, list) or not entries:
        errors.append(f"'tables' is a list of tables, each with table and columns, not {shape(entries)}.")
        return
    for number, entry in enumerate(entries, start=1):
        place = f"tables[{number}]" if is_long else ""
        yield from _entry(_inherit(inherited, entry), TABLE, place, hints, errors)


def _inherit(inherited: Mapping[str, Any], entry: Any) -> Any:
    """The entry with what the file says for all of them; one that is left empty says nothing of its own."""
    own = {} if entry is None else entry
    return {**inherited, **own} if isinstance(own, Mapping) else own


def _entry(whole: Any, spec: Spec, place: str, hints: Mapping[str, str], errors: list[str]) -> Iterator[dict[str, Any]]:
    """The table or type with all keys, or nothing if something is wrong with it."""
    prefix, parts = f"{place}." if place else "", "columns" if "columns" in spec else "fields"
    # An empty one is not left out here: what it must have is missing.
    of_keys = mistakes(whole, spec, prefix, hints) if isinstance(whole, Mapping) else ()
    wrong = [*value_mistakes(whole, {"type": "dict"}, place, hints), *of_keys]
    errors += wrong or _misplaced(whole[parts] or (), f"{prefix}{parts}")
    if not wrong:
        yield {"state": "present", **{key: whole[key] for key in spec if key in whole}}


def _misplaced(columns: Sequence[Mapping[str, Any]], place: str) -> Iterator[str]:
    """A secret among the columns or fields, whose value a message about its type would show."""
    for number, column in enumerate(columns, start=1):
        if len(column) == 1 and _secret(next(iter(column))):
            yield f"'{place}[{number}]' has the key {next(iter(column))!s}, which is no column. It belongs to 'connection'."


def _secret(key: Any) -> bool:
    return str(key).startswith("login_") or "password" in str(key).lower()
