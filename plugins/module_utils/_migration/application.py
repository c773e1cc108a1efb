# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a migration file need not say of an application: its place and its preset fill the sections; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from posixpath import join
from typing import Any

from .._cql.identifier import parse_name
from .._http.check import texts
from .._schema.planning.entry import name_as_listed

Section = dict[str, Any]

# What is true of every application of a kind: the arguments of its Python that say whether the code can start, and what a
# page that answers with an error nevertheless shows. A view that catches its exception answers 200, with such words.
_DJANGO_CHECK = ("manage.py", "check")
_DJANGO_ERRORS = ("Traceback (most recent call last)", "Undefined column name", "cassandra.InvalidRequest")
OPTIONS: Mapping[str, Any] = {
    "preset": {"choices": ("django",)},
    **{key: {} for key in ("path", "url", "python", "environment_file")},
    # Its hosts are read before the rest, which is rendered for each of them.
    **{key: {"type": "raw"} for key in ("hosts", "serial")},
}


def fill_sections(
    sections: Mapping[str, Section], application: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]
) -> dict[str, Section]:
    """The options of the roles with what follows from C(application); raises InvalidInput.

    A C(path) or C(url) that is there and empty switches the steps off that need it: the application is not part of the run.
    """
    filled = {role: dict(section) for role, section in sections.items()}
    _each(filled, "model_fields", "list", lambda entry: _model(entry, application, tables))
    _each(filled, "services", "list", lambda entry: _service(entry, application))
    _each(filled, "smoke_tests", "http", lambda entry: _check(entry, application))
    if filled.get("smoke_tests"):
        filled["smoke_tests"] = _tests(filled["smoke_tests"], application, tables)
    _watch_models(filled)
    if application.get("path") and filled.get("services"):
        filled["services"]["path"] = application["path"]
    off = [role for key, roles in _NEEDS.items() if key in application and not application[key] for role in roles]
    return {role: {} if role in off else section for role, section in filled.items()}


_NEEDS = {"path": ("model_fields", "services"), "url": ("smoke_tests",)}


def _each(filled: dict[str, Section], role: str, option: str, fill: Callable[[Section], Section]) -> None:
    entries = filled.get(role, {}).get(option)
    if isinstance(entries, list):
        filled[role][option] = [fill(dict(entry)) if isinstance(entry, Mapping) else entry for entry in entries]


def _model(entry: Section, application: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> Section:
    _below(entry, ("path",), application)
    entry.setdefault("fields", [name for table in tables for name in _field_names(table)])
    return entry


def _field_names(table: Mapping[str, Any]) -> list[str]:
    """The columns that a table gets, as far as a field of Python can have their name."""
    columns = table.get("columns", []) if table.get("state") != "absent" else []
    names = [parse_name(name_as_listed(column)) for column in columns]
    return [name for name in names if name.isidentifier()]


def _service(entry: Section, application: Mapping[str, Any]) -> Section:
    path = application.get("path")
    if path and entry.get("manager") != "docker_compose":
        entry.setdefault("chdir", path)
    if application.get("environment_file"):
        entry.setdefault("environment_file", application["environment_file"])
    runs_here = entry.get("manager") in ("systemd", "supervisord", "command")
    if application.get("preset") and application.get("python") and path and runs_here:
        entry.setdefault("check_argv", [application["python"], *_DJANGO_CHECK])
    _below(entry, ("pid_file", "log_file", "environment_file"), application)
    ready = entry.get("ready")
    if isinstance(ready, Mapping) and str(ready.get("url", "")).startswith("/") and application.get("url"):
        entry["ready"] = {**ready, "url": application["url"].rstrip("/") + ready["url"]}
    return entry


def _tests(section: Section, application: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> Section:
    """The canary is a row of the first table unless it says otherwise."""
    filled = {**({"base_url": application["url"]} if application.get("url") else {}), **section}
    first = next((table for table in tables if "table" in table), None)
    if first and isinstance(filled.get("canary"), Mapping) and filled["canary"]:
        filled["canary"] = {"keyspace": first["keyspace"], "table": first["table"], **filled["canary"]}
    return filled


def _check(entry: Section, application: Mapping[str, Any]) -> Section:
    if application.get("preset") and entry.get("method", "GET") == "GET":
        entry["not_contains"] = [*texts(entry.get("not_contains"), "not_contains"), *_DJANGO_ERRORS]
    return entry


def _below(entry: Section, keys: Sequence[str], application: Mapping[str, Any]) -> None:
    """Paths of the entry, below the application unless they are absolute."""
    for key in keys:
        if entry.get(key) and application.get("path"):
            entry[key] = join(application["path"], str(entry[key]))


def _watch_models(filled: dict[str, Section]) -> None:
    """A service that runs from before a change of a model has to be restarted."""
    models = filled.get("model_fields", {}).get("list") or []
    if filled.get("services"):
        paths = [str(model["path"]) for model in models if isinstance(model, Mapping) and "path" in model]
        watched = filled["services"].get("watch")
        filled["services"]["watch"] = list(dict.fromkeys([*(watched if isinstance(watched, list) else []), *paths]))


def column_changes(described: Sequence[Mapping[str, Any]], migrated: Mapping[str, Any]) -> dict[str, str]:
    """The time of each column that the migration asks for, by its name, as far as the server tells it.

    C(described) has for each table what C(cassandra_schema_info) says, C(migrated) is the result of C(cassandra_column).
    """
    return {
        f"column {table['keyspace']}.{table['table']}.{column['name']}": column["added_at"]
        for answer, table in zip(described, [one for one in migrated.get("tables") or [] if one["kind"] == "table"])
        for column in (answer.get("table") or {}).get("columns", [])
        if column["added_at"] and column["name"] in {asked["name"] for asked in table["columns"]}
    }
