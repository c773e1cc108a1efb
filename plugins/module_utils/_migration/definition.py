# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration file, checked as a whole before anything runs: every mistake at once, each with the nearest known key; pure.

What a role can do is described by its argument_specs alone: a section of the file holds the options of the role of that
name, without its prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._cql.identifier import close_matches, truncate
from .._errors import InvalidInput
from .._schema.desired import read_desired, read_tables
from . import application

Spec = Mapping[str, Any]

# The roles that a migration file describes, in the order of their steps, and the option that a bare list stands for.
SECTIONS = {
    "model_fields": "list",
    "workflows": "list",
    "smoke_tests": "http",
    "feature_checks": None,
    "notify": "channels",
}
# What the migration itself knows: no file sets it.
_SET_BY_THE_MIGRATION = frozenset(
    """
    feature_checks_connection feature_checks_keyspace feature_checks_pending feature_checks_table model_fields_state
    notify_report smoke_tests_connection smoke_tests_pending workflows_changed workflows_changes
    """.split()
)
_TABLE = ("keyspace", "table", "columns", "state")
_KEYS = (
    "title",
    "cql_file",
    "requires_approved_plan",
    *_TABLE,
    "tables",
    "options",
    "connection",
    "application",
    *SECTIONS,
)


class Definition(NamedTuple):
    """A migration: C(tables) as the option of C(cassandra_column), C(roles) with all variables of each role.

    C(steps) are the roles that the file has a section for. To notify somebody is none.
    """

    title: str
    cql_file: str
    requires_approved_plan: bool
    tables: list[dict[str, Any]]
    options: dict[str, Any]
    connection: dict[str, Any]
    application: dict[str, Any]
    steps: list[str]
    roles: dict[str, dict[str, Any]]


def settable_options(role: str, spec: Spec) -> dict[str, Any]:
    """The options of a role that a file can set, by the names of their variables."""
    return {name: option for name, option in spec.items() if name not in _SET_BY_THE_MIGRATION}


def key_of(role: str, name: str) -> str:
    """What sets this variable of the role in a migration file."""
    key = name[len(role) + 1 :]
    return role if key == SECTIONS[role] == "list" else f"{role}.{key}"


def read_definition(raw: Any, options: Spec, connection: Spec, roles: Mapping[str, Spec]) -> Definition:
    """The migration that the content of a file describes; raises InvalidInput with everything that is wrong.

    C(options) and C(connection) are the argument specs of C(cassandra_column), C(roles) those of each role by its name.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"It holds a dictionary, with keyspace, table and columns at least, not {truncate(raw)}.")
    errors = [*_unknown(raw, _KEYS, "")]
    sections = {key: _mapping(raw, key, errors) for key in ("options", "connection", "application")}
    errors += _unknown(sections["options"], options, "options.")
    errors += _unknown(sections["connection"], _with_aliases(connection), "connection.")
    errors += _unknown(sections["application"], application.KEYS, "application.")
    requires_plan = raw.get("requires_approved_plan", False)
    if not isinstance(requires_plan, bool):
        errors.append(f"'requires_approved_plan' is true or false, not {truncate(requires_plan)}.")
    tables = list(_tables(raw, errors))
    specs = {role: settable_options(role, spec) for role, spec in roles.items()}
    filled: Mapping[str, dict[str, Any]] = {}
    given = {role: _variables(role, raw.get(role), spec, errors) for role, spec in specs.items()}
    if not errors:
        try:
            if "tables" in raw:
                read_tables({"keyspace": None, "state": "present", "tables": tables})
            else:
                read_desired(tables[0])
            filled = application.fill_sections(given, sections["application"], tables)
        except InvalidInput as error:
            errors.append(error.message)
    if errors:
        raise InvalidInput(" ".join(errors))
    title, cql_file = str(raw.get("title") or "migration"), str(raw.get("cql_file") or "migration.cql")
    steps = [role for role, variables in given.items() if variables and filled[role] and role != "notify"]
    variables = {role: {**_defaults(spec), **filled[role]} for role, spec in specs.items()}
    return Definition(title, cql_file, requires_plan, tables, steps=steps, roles=variables, **sections)


def _defaults(spec: Spec) -> dict[str, Any]:
    return {name: option.get("default") for name, option in spec.items()}


def _tables(raw: Mapping[str, Any], errors: list[str]) -> Iterator[dict[str, Any]]:
    """The tables of the long form or of the short one, each with all keys."""
    if "tables" not in raw:
        yield from _table(raw, "", errors)
        return
    both = [key for key in ("table", "columns") if key in raw]
    if both:
        errors.append(f"Give 'tables', or '{both[0]}' for a single table, not both.")
    if not isinstance(raw["tables"], list) or not raw["tables"]:
        errors.append(f"'tables' is a list of tables, each with table and columns, not {truncate(raw['tables'])}.")
        return
    for number, entry in enumerate(raw["tables"], start=1):
        place = f"tables[{number}]."
        if not isinstance(entry, Mapping):
            errors.append(f"'tables[{number}]' is a dictionary with table and columns, not {truncate(entry)}.")
            continue
        errors += _unknown(entry, _TABLE, place)
        inherited = {key: raw[key] for key in ("keyspace", "state") if key in raw}
        yield from _table({**inherited, **entry}, place, errors)


def _table(entry: Mapping[str, Any], place: str, errors: list[str]) -> Iterator[dict[str, Any]]:
    missing = [key for key in ("keyspace", "table", "columns") if entry.get(key) in (None, "")]
    columns = entry.get("columns")
    state = entry.get("state", "present")
    if missing:
        errors.append(f"'{place}{missing[0]}' is missing.")
    elif not isinstance(columns, list) or not columns:
        errors.append(f"'{place}columns' is a list of columns, each with name and type, not {truncate(columns)}.")
    elif state not in ("present", "absent"):
        errors.append(f"'{place}state' is present or absent, not {truncate(state)}.")
    else:
        yield {"keyspace": entry["keyspace"], "table": entry["table"], "columns": columns, "state": state}


def _variables(role: str, given: Any, spec: Spec, errors: list[str]) -> dict[str, Any]:
    """The variables of a role, with its prefix: a bare list stands for the option that most people need."""
    main = SECTIONS[role]
    if not given:
        return {}
    if isinstance(given, list) and main:
        given = {main: given}
    if not isinstance(given, Mapping):
        errors.append(f"'{role}' holds the options of the role {role}, not {truncate(given)}.")
        return {}
    prefix = f"{role}_"
    errors += _mistakes(given, {key[len(prefix) :]: option for key, option in spec.items()}, f"{role}.")
    return {f"{prefix}{key}": value for key, value in given.items()}


def _mistakes(given: Mapping[str, Any], spec: Spec, place: str) -> Iterator[str]:
    """The keys that no option has, and what is no text where Ansible would make one of it, at any depth of the spec."""
    yield from _unknown(given, _with_aliases(spec), place)
    for key, option in spec.items():
        values, inner = given.get(key), option.get("options")
        if option.get("type", "str") in ("str", "path") and isinstance(values, (Mapping, list)):
            yield f"'{place}{key}' is text, not {truncate(values)}."
        for number, value in enumerate(values if isinstance(values, list) else [values], start=1):
            if inner and isinstance(value, Mapping):
                index = f"[{number}]" if isinstance(values, list) else ""
                yield from _mistakes(value, inner, f"{place}{key}{index}.")


def _with_aliases(spec: Spec) -> list[str]:
    return [name for key, option in spec.items() for name in (key, *option.get("aliases", ()))]


def _mapping(raw: Mapping[str, Any], key: str, errors: list[str]) -> dict[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        errors.append(f"'{key}' is a dictionary, not {truncate(value)}.")
        return {}
    return dict(value)


def _unknown(given: Mapping[str, Any], known: Iterable[str], place: str) -> Iterator[str]:
    names = list(known)
    for key in given:
        if key not in names:
            nearest = close_matches(str(key), names)[0]
            yield f"Unknown key {truncate(f'{place}{key}')}: did you mean {nearest!r}?"
