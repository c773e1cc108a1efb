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
from .._http.check import CHECK, read_check
from .._query.expect import EXPECT, read_expectation
from .._schema.planning.desired import read_desired, read_tables
from .._schema.planning.entry import TRUE
from .._service.options import SERVICE_OPTIONS
from . import application
from .shape import Spec, by_name, mistakes, shape, value_mistakes, with_aliases
from .tables import TABLE, read_table_entries, read_types

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
_TOP: Spec = {
    "title": {},
    "cql_file": {},
    "requires_approved_plan": {"type": "bool"},
    **{key: {"type": "raw"} for key in (*TABLE, "tables", "types")},
}
KEYS = (*_TOP, "options", "connection", "application", *SECTIONS)
_MOVED = {
    "workflows": "It is called 'services' now; an entry has the same keys.",
    "feature_checks": "Its checks of rows are entries of 'smoke_tests.data' now, and its canary is 'smoke_tests.canary'.",
    "channels": "It is called 'notify.webhooks' now.",
    "done": "It is called 'services.confirmed' now.",
    "queries": "Queries are entries of 'smoke_tests.data'.",
}
SMALLEST = """\
keyspace: shop
table: orders
columns:
  - {name: shipped_at, type: timestamp}"""


class Definition(NamedTuple):
    """A migration: C(tables) as the option of C(cassandra_column), types first, C(roles) with all options of each role.

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
    if role == "smoke_tests":
        options["http"] = {**options["http"], "options": CHECK}
    return {name: option for name, option in options.items() if name not in _SET_BY_THE_MIGRATION.get(role, ())}


def read_definition(
    raw: Any, options: Spec, connection: Spec, roles: Mapping[str, Spec], extra: Mapping[str, Any] = _NOTHING
) -> Definition:
    """The migration that the content of a file describes; raises InvalidInput with everything that is wrong.

    C(options) and C(connection) are the argument specs of C(cassandra_column), C(roles) those of each role by its name.
    The variables of roles in C(extra), those of the command line, override what the file says.
    """
    if not isinstance(raw, Mapping):
        found = "is empty" if raw is None else f"is {shape(raw)} at its top, where a dictionary is expected"
        raise InvalidInput(f"It {found}. The smallest one is:\n{SMALLEST}")
    if {"format", "fingerprint", "tables"} <= set(raw):
        raise InvalidInput(
            "It is a saved plan. Give it as approved_plan, and as migration_file the file that it is for."
        )
    hints = {**_places(options, connection), **_MOVED}
    parts = {"options": options, "connection": _optional(connection), "application": application.OPTIONS}
    top = {
        **_TOP,
        **{name: {"type": "dict", "options": spec} for name, spec in parts.items()},
        **{role: {"type": "raw"} for role in SECTIONS},
    }
    errors = list(mistakes(raw, top, "", hints))
    tables = [*read_types(raw, hints, errors), *read_table_entries(raw, hints, errors)]
    specs = {role: settable_options(role, spec) for role, spec in roles.items()}
    given = {role: _overridden(role, _section(role, raw.get(role)), spec, extra) for role, spec in specs.items()}
    filled: Mapping[str, dict[str, Any]] = {}
    if not errors:
        filled = _filled(raw, given, raw.get("application") or {}, tables, errors)
    for role, spec in specs.items():
        # What the application fills in may be what is required.
        errors += value_mistakes(filled.get(role, given[role]), {"type": "dict", "options": spec}, role, hints)
    if not errors:
        errors += _test_mistakes(filled["smoke_tests"])
    if errors:
        raise InvalidInput(" ".join(dict.fromkeys(errors)))
    steps = [role for role in given if given[role] and filled[role] and role != "notify"]
    variables = {role: {**_defaults(spec), **filled[role]} for role, spec in specs.items()}
    return Definition(
        title=str(raw.get("title") or "migration"),
        cql_file=str(raw.get("cql_file") or "migration.cql"),
        requires_approved_plan=str(raw.get("requires_approved_plan")).lower() in TRUE,
        tables=tables,
        steps=steps,
        roles=variables,
        **{name: by_name(raw.get(name) or {}, spec) for name, spec in parts.items()},
    )


def read_connection(given: Mapping[str, Any], connection: Spec) -> dict[str, Any]:
    """The options of a connection that are given next to the file, by their names; raises InvalidInput."""
    wrong = list(mistakes(given, _optional(connection), "migration_connection.", {}))
    if wrong:
        raise InvalidInput(f"{' '.join(wrong)} Nothing was changed.")
    return by_name(given, connection)


def _filled(
    raw: Mapping[str, Any], given: Mapping[str, Any], app: Spec, tables: list[dict[str, Any]], errors: list[str]
) -> dict[str, dict[str, Any]]:
    """The sections with what follows from the application; what is wrong with the tables goes to the errors."""
    try:
        if "tables" in raw or "types" in raw:
            read_tables({"keyspace": None, "state": "present", "tables": tables})
        else:
            read_desired(tables[0])
        if all(isinstance(section, Mapping) for section in given.values()):
            return application.fill_sections(given, app, tables)
    except InvalidInput as error:
        errors.append(error.message)
    return {}


def canary_checks(tests: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The check of the page that has to count the canary; none without a canary."""
    canary = tests.get("canary") or {}
    return [{"name": "Canary", "url": canary["url"]}] if canary.get("enabled", True) and canary.get("url") else []


def _test_mistakes(tests: Mapping[str, Any]) -> Iterator[str]:
    """What the modules of the tests would refuse, before anything runs."""
    entries = [("http", entry) for entry in tests.get("http") or []]
    for place, entry in [*entries, *(("canary", entry) for entry in canary_checks(tests))]:
        try:
            read_check(entry, str(tests.get("base_url") or ""))
        except InvalidInput as error:
            yield f"'smoke_tests.{place}': {error.message}"
    for entry in tests.get("data") or []:
        expect = entry.get("expect") or {}
        wrong = list(mistakes(expect, EXPECT, "smoke_tests.data.expect.", {}))
        yield from wrong
        try:
            read_expectation({} if wrong else expect)
        except InvalidInput as error:
            yield f"'smoke_tests.data': {error.message}"


def _optional(spec: Spec) -> Spec:
    return {name: {**option, "required": False} for name, option in spec.items()}


def _defaults(spec: Spec) -> dict[str, Any]:
    return {name: option.get("default") for name, option in spec.items()}


def _places(options: Spec, connection: Spec) -> dict[str, str]:
    """Where an option belongs that stands in another place."""
    top = dict.fromkeys(("keyspace", "table", "columns", "state"), "It belongs to the top level of the file.")
    places = {
        **dict.fromkeys(with_aliases(options), "options"),
        **dict.fromkeys(with_aliases(connection), "connection"),
    }
    return {**top, **{name: f"It belongs to '{place}'." for name, place in places.items()}}


def _section(role: str, given: Any) -> Any:
    """The options of a role: a bare list stands for the option that most people need."""
    if given is None or given in ("", [], {}):
        return {}
    return {SECTIONS[role]: given} if isinstance(given, list) else given


def _overridden(role: str, section: Any, spec: Spec, extra: Mapping[str, Any]) -> Any:
    """The section as the command line has it; a step that the file does not have is not made one there."""
    given = {name: extra[f"{role}_{name}"] for name in spec if f"{role}_{name}" in extra}
    applies = isinstance(section, Mapping) and (section or role == "notify")
    return {**section, **given} if applies else section
