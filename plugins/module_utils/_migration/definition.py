# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration file, checked as a whole before anything runs: every mistake at once, each with the nearest known key; pure.

What a role can do is described by its argument_specs alone: a section of the file holds the options of the role of that
name, without its prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .._http.check import read_check
from .._query.expect import read_expectation
from .._schema.desired import read_desired, read_tables
from .._service.options import SERVICE_OPTIONS
from . import application
from .shape import Spec, mistakes, shape, unknown_keys, with_aliases

# The roles that a migration file describes, in the order of their steps, and the option that a bare list stands for.
SECTIONS = {"model_fields": "list", "services": "list", "smoke_tests": "http", "notify": "webhooks"}
# What the migration itself knows: no file sets it.
_SET_BY_THE_MIGRATION = {
    "model_fields": ("state",),
    "services": ("changed", "changes"),
    "smoke_tests": ("connection", "pending"),
    "notify": ("report",),
}
_NOTHING: Mapping[str, Any] = {}
_TABLE = ("keyspace", "table", "columns", "state")
KEYS = (
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
_MOVED = {
    "workflows": "It is called 'services' now; an entry has the same keys.",
    "feature_checks": "Its checks of rows are entries of 'smoke_tests.data' now, and its canary is 'smoke_tests.canary'.",
    "channels": "It is called 'notify.webhooks' now.",
    "done": "It is called 'services.confirmed' now.",
}
SMALLEST = """\
keyspace: shop
table: orders
columns:
  - {name: shipped_at, type: timestamp}"""


class Definition(NamedTuple):
    """A migration: C(tables) as the option of C(cassandra_column), C(roles) with all options of each role.

    C(steps) are the roles that the file has a section for. To notify is none.
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
    """The options of a role that a file can set, without the role's prefix."""
    options = {name[len(role) + 1 :]: option for name, option in spec.items()}
    if role == "services":
        # The module alone documents an entry, and a wrong one is refused before anything runs.
        options["list"] = {**options["list"], "options": SERVICE_OPTIONS}
    return {name: option for name, option in options.items() if name not in _SET_BY_THE_MIGRATION.get(role, ())}


def read_definition(
    raw: Any, options: Spec, connection: Spec, roles: Mapping[str, Spec], extra: Mapping[str, Any] = _NOTHING
) -> Definition:
    """The migration that the content of a file describes; raises InvalidInput with everything that is wrong.

    C(options) and C(connection) are the argument specs of C(cassandra_column), C(roles) those of each role by its name.
    The variables of roles in C(extra), those of the command line, override what the file says.
    """
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"It holds a dictionary, not {shape(raw)}. The smallest one is:\n{SMALLEST}")
    hints = {**_places(options, connection), **_MOVED}
    errors = list(unknown_keys(raw, KEYS, "", hints))
    sections = {key: _mapping(raw, key, errors) for key in ("options", "connection", "application")}
    errors += mistakes(sections["options"], options, "options.", hints)
    errors += mistakes(sections["connection"], _optional(connection), "connection.", hints)
    errors += mistakes(sections["application"], {key: {} for key in application.KEYS}, "application.", hints)
    requires_plan = raw.get("requires_approved_plan", False)
    if not isinstance(requires_plan, bool):
        errors.append(f"'requires_approved_plan' is true or false, not {shape(requires_plan)}.")
    tables = list(_tables(raw, hints, errors))
    specs = {role: settable_options(role, spec) for role, spec in roles.items()}
    given = {role: _overridden(role, _section(role, raw.get(role)), spec, extra) for role, spec in specs.items()}
    filled: Mapping[str, dict[str, Any]] = {}
    if not errors:
        filled = _filled(raw, given, sections["application"], tables, errors)
    for role, spec in specs.items():
        # What the application fills in may be what is required.
        section = filled.get(role, given[role])
        errors += (
            mistakes(section, spec if section else {}, f"{role}.", hints)
            if isinstance(section, Mapping)
            else [f"'{role}' holds the options of the role {role}, not {shape(section)}."]
        )
    if not errors:
        errors += _test_mistakes(filled["smoke_tests"])
    if errors:
        raise InvalidInput(" ".join(dict.fromkeys(errors)))
    steps = [role for role in given if given[role] and filled[role] and role != "notify"]
    variables = {role: {**_defaults(spec), **filled[role]} for role, spec in specs.items()}
    title, cql_file = str(raw.get("title") or "migration"), str(raw.get("cql_file") or "migration.cql")
    return Definition(title, cql_file, requires_plan, tables, steps=steps, roles=variables, **sections)


def _filled(
    raw: Mapping[str, Any], given: Mapping[str, Any], app: Spec, tables: list[dict[str, Any]], errors: list[str]
) -> dict[str, dict[str, Any]]:
    """The sections with what follows from the application; what is wrong with the tables goes to the errors."""
    try:
        if "tables" in raw:
            read_tables({"keyspace": None, "state": "present", "tables": tables})
        else:
            read_desired(tables[0])
        if all(isinstance(section, Mapping) for section in given.values()):
            return application.fill_sections(given, app, tables)
    except InvalidInput as error:
        errors.append(error.message)
    return {}


def _test_mistakes(tests: Mapping[str, Any]) -> Iterator[str]:
    """What the modules of the tests would refuse, before anything runs."""
    for entry in tests.get("http") or []:
        try:
            read_check(entry, str(tests.get("base_url") or ""))
        except InvalidInput as error:
            yield f"'smoke_tests.http': {error.message}"
    for entry in tests.get("data") or []:
        try:
            read_expectation(entry.get("expect"))
        except InvalidInput as error:
            yield f"'smoke_tests.data': {error.message}"


def _optional(spec: Spec) -> Spec:
    return {name: {**option, "required": False} for name, option in spec.items()}


def _defaults(spec: Spec) -> dict[str, Any]:
    return {name: option.get("default") for name, option in spec.items()}


def _places(options: Spec, connection: Spec) -> dict[str, str]:
    """Where an option belongs that stands in another place."""
    places = {
        **dict.fromkeys(with_aliases(options), "options"),
        **dict.fromkeys(with_aliases(connection), "connection"),
    }
    return {name: f"It belongs to '{place}'." for name, place in places.items()}


def _tables(raw: Mapping[str, Any], hints: Mapping[str, str], errors: list[str]) -> Iterator[dict[str, Any]]:
    """The tables of the long form or of the short one, each with all keys."""
    if "tables" not in raw:
        yield from _table(raw, "", errors)
        return
    both = [key for key in ("table", "columns") if key in raw]
    if both:
        errors.append(f"Give 'tables', or '{both[0]}' for a single table, not both.")
    if not isinstance(raw["tables"], list) or not raw["tables"]:
        errors.append(f"'tables' is a list of tables, each with table and columns, not {shape(raw['tables'])}.")
        return
    for number, entry in enumerate(raw["tables"], start=1):
        place = f"tables[{number}]."
        if not isinstance(entry, Mapping):
            errors.append(f"'tables[{number}]' is a dictionary with table and columns, not {shape(entry)}.")
            continue
        errors += unknown_keys(entry, _TABLE, place, hints)
        inherited = {key: raw[key] for key in ("keyspace", "state") if key in raw}
        yield from _table({**inherited, **entry}, place, errors)


def _table(entry: Mapping[str, Any], place: str, errors: list[str]) -> Iterator[dict[str, Any]]:
    missing = [key for key in ("keyspace", "table", "columns") if entry.get(key) in (None, "")]
    columns, state = entry.get("columns"), entry.get("state", "present")
    if missing:
        errors.append(f"'{place}{missing[0]}' is missing.")
    elif not isinstance(columns, list) or not columns:
        errors.append(f"'{place}columns' is a list of columns, each with name and type, not {shape(columns)}.")
    elif state not in ("present", "absent"):
        errors.append(f"'{place}state' is present or absent.")
    else:
        errors += _column_mistakes(columns, place)
        yield {"keyspace": entry["keyspace"], "table": entry["table"], "columns": columns, "state": state}


def _column_mistakes(columns: list[Any], place: str) -> Iterator[str]:
    """A pair whose key is one of the keys of a column is a forgotten name, or the second half of an entry."""
    for number, column in enumerate(columns, start=1):
        here = f"{place}columns[{number}]"
        if not isinstance(column, Mapping):
            yield f"'{here}' is a dictionary with name and type, not {shape(column)}."
        elif len(column) == 1 and next(iter(column)) in ("type", "static"):
            (key,) = column
            yield (
                f"'{here}' has only the key {key}: its name is missing, or a dash before {key} is too many. "
                f"A column that is called {key} is written {{name: {key}, type: int}}."
            )
        elif len(column) == 1 and _secret(next(iter(column))):
            yield f"'{here}' has the key {next(iter(column))!s}, which is no column. It belongs to 'connection'."


def _secret(key: Any) -> bool:
    return str(key).startswith("login_") or "password" in str(key).lower()


def _section(role: str, given: Any) -> Any:
    """The options of a role: a bare list stands for the option that most people need."""
    if given is None or given in ("", [], {}):
        return {}
    return {SECTIONS[role]: given} if isinstance(given, list) else dict(given) if isinstance(given, Mapping) else given


def _overridden(role: str, section: Any, spec: Spec, extra: Mapping[str, Any]) -> Any:
    """The section as the command line has it; a step that the file does not have is not made one there."""
    given = {name: extra[f"{role}_{name}"] for name in spec if f"{role}_{name}" in extra}
    applies = isinstance(section, Mapping) and (section or role == "notify")
    return {**section, **given} if applies else section


def _mapping(raw: Mapping[str, Any], key: str, errors: list[str]) -> dict[str, Any]:
    section = raw.get(key)
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        errors.append(f"'{key}' is a dictionary of options, not {shape(section)}.")
        return {}
    return dict(section)
