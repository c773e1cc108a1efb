# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a migration file, the tables and the model classes still say the same: a finding for each difference; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._cql.cql_type import NATIVES, CqlType, UserType
from .._cql.identifier import display_name
from .._schema.catalog.model import TABLE, TYPE, TableName
from .._schema.planning.desired import Desired, read_desired

# The classes of cassandra.cqlengine.columns (cassandra-driver 3.30) whose CQL type has another name than they have.
KINDS = {"Bytes": "blob", "DateTime": "timestamp", "Integer": "int", "UserDefinedType": "user-defined type"}
_OUTERMOST = (*NATIVES, "list", "map", "set", "tuple", "user-defined type")

DIFFERENCE, NOT_COMPARED = "difference", "not_compared"


class Finding(NamedTuple):
    """One difference: its place, what differs, and a hint what to do; or, by its C(kind), what could not be compared."""

    place: str
    what: str
    hint: str
    kind: str = DIFFERENCE


def host_findings(results: Mapping[str, Any]) -> list[Finding]:
    """The findings of one host by the results of its tasks, each once: loops over the files, their tables, and their models."""
    found: dict[tuple[str, str], Finding] = {}
    for one in _findings(results):
        # What a migration file and the models both lack is one difference.
        found.setdefault((one.place, one.what), one)
    return [*found.values()]


def _findings(results: Mapping[str, Any]) -> Iterator[Finding]:
    if "drift_definitions" not in results:
        yield _unread("-", "The cluster was not compared: Ansible lost its host. Read its failure above.")
        return
    definitions = results["drift_definitions"].get("results") or []
    read = [one for one in definitions if not one.get("failure")]
    for one in definitions:
        if one.get("failure"):
            yield _unread(str(one.get("item")), one.get("msg"))
        for file in one.get("unread") or []:
            yield _unread(file["path"], file["msg"])
    yield from contradictions(read)
    tables = results.get("drift_tables") or {}
    answers = tables.get("results") or ([tables] if tables.get("unreachable") else [])
    for definition, answer in zip(read, answers):
        yield from _of_file(definition, file_findings(definition["tables"], answer))
    for answer in (results.get("drift_models") or {}).get("results") or []:
        definition, model = answer["item"]
        yield from _of_file(definition, model_findings(model, answer, definition["tables"]))


def _of_file(definition: Mapping[str, Any], findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings, with what to do if the file holds models and is no migration."""
    for one in findings:
        yield one._replace(hint=_DRAFT) if definition.get("is_of_models") and one.hint in (_MIGRATE, _ENABLE) else one


def contradictions(definitions: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """A finding for each column of which two files say different things: no table can be as both of them."""
    said: dict[str, tuple[str, str]] = {}
    for definition in definitions:
        file = str(definition.get("path"))
        for place, what in _said(definition["tables"]):
            before, first = said.setdefault(place, (what, file))
            if before != what:
                text = f"Two files contradict each other: {first} says {before}, and {file} says {what}."
                yield Finding(place, text, "Correct one of the files, or remove the column from it.")


def _said(tables: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for table in tables:
        desired = read_desired(table)
        for column in desired.columns:
            static = " static" if column.static else ""
            yield f"{desired.table}.{display_name(column.name)}", f"{column.type}{static}"
        for drop in desired.drops:
            if not drop.stays:
                yield f"{desired.table}.{display_name(drop.name)}", "absent"
        for index in desired.indexes:
            yield (
                f"index {index.name} of {display_name(desired.table.keyspace)}",
                f"{index.describe()} of {desired.table}",
            )


def file_findings(tables: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> Iterator[Finding]:
    """The differences between the tables of a file and what C(cassandra_column) says of them in check mode."""
    observed = [one for one in answer.get("tables") or [] if one["columns"]]
    listed = {one.table: one for one in map(read_desired, tables)}
    for one in observed:
        name = TableName(one["keyspace"], one["table"], one.get("kind", TABLE))
        yield from table_findings(listed[name], one["columns"])
    # Even of a task that was told not to fail: what succeeds has no message.
    failure = answer.get("failure") or answer.get("msg")
    if failure and not (observed and failure in ("conflict", "table_missing", "type_missing")):
        yield _unread(", ".join(map(str, listed)), answer["msg"])


def table_findings(desired: Desired, columns: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """The differences between a table and its file, by the status of each column and of its index."""
    name, drops = desired.table, {drop.name for drop in desired.drops if not drop.stays}
    for column in columns:
        place, status = f"{name}.{display_name(column['name'])}", column["status"]
        if status == "conflict":
            hint = f"Correct the file, or migrate the data to a new {name.part}."
            yield Finding(place, _conflict(column, name.kind, bool(desired.drops)), hint)
        # A drop that is not allowed leaves the column as it is.
        status = "would_drop" if status == "present" and column["name"] in drops else status
        yield from _by_status(place, f"The {name.part}", status, column.get("type", ""))
        if column.get("index"):
            yield from _index_findings(place, column["index"])


def _index_findings(place: str, index: Mapping[str, Any]) -> Iterator[Finding]:
    name, listed = display_name(index["name"]), f"{index['kind']} on {index['target']}"
    if index["status"] == "conflict":
        found = index["found"]
        there = f"The table has the index {display_name(found['name'])}, {found['kind']} on {found['target']}"
        hint = "Correct the file, or drop that index by hand."
        yield Finding(place, f"{there}, the file lists {name}, {listed}.", hint)
    yield from _by_status(place, f"The index {name}", index["status"], listed)


def _by_status(place: str, what: str, status: str, listed: str) -> Iterator[Finding]:
    """The difference that a status stands for, unless it is a conflict."""
    if status in ("would_add", "would_create", "missing"):
        yield Finding(place, f"{what} is missing: the file lists {listed}.", _MIGRATE)
    elif status == "would_drop":
        yield Finding(place, f"{what} is still there: its drop is pending.", _MIGRATE)
    elif status == "building":
        yield Finding(place, f"{what} is not built on each node yet.", "Wait, then run it again.")


def model_findings(
    model: Mapping[str, Any], answer: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """The differences between a model class and the tables; C(answer) is that of C(model_fields) in check mode."""
    on_host = f"{model['host']}: " if model.get("host") else ""
    place = f"{on_host}{model['path']}: {model['class_name']}"
    desired = map(read_desired, tables)
    listed = {column.name: column.type for one in desired if not one.table.is_type for column in one.columns}
    fields = answer.get("fields")
    if not fields:
        yield _unread(place, answer.get("msg", "The class could not be read."))
        return
    for field in fields:
        field_place = f"{place}.{field['name']}"
        if field["state"] != "enabled":
            yield Finding(field_place, _state(field), _ENABLE if field["state"] == "disabled" else _BY_HAND)
        elif field["name"] in listed:
            yield from _kind_findings(field_place, str(field.get("kind") or ""), listed[field["name"]])


def _unread(place: str, why: Any) -> Finding:
    return Finding(place, str(why), "Correct this, then run it again.", NOT_COMPARED)


_MIGRATE = "Run the playbook migrate with this file."
_ENABLE = "Run the playbook migrate with this file, which enables the field."
_DRAFT = "Write a migration file with the playbook draft, or correct the model."
_BY_HAND = "Correct the model by hand."


def _conflict(column: Mapping[str, Any], kind: str, is_unwanted: bool) -> str:
    found = column["found"]
    if kind == TYPE:
        return f"The type has a field of type {found['type']}, the file lists {column['type']}."
    listed = "another one" if is_unwanted else f"{column['kind']} {column['type']}"
    return f"The table has a {found['kind']} column of type {found['type']}, the file lists {listed}."


def _state(field: Mapping[str, Any]) -> str:
    line = f" (line {field['line']})" if field.get("line") else ""
    words = {"disabled": "The field is commented out", "absent": "The field is not in the class"}
    text = words.get(field["state"], f"The field is {field['state']}")
    reason = f": {field['reason']}" if field.get("reason") else ""
    return f"{text}{line}{reason}".rstrip(".") + "."


def _kind_findings(place: str, kind: str, cql_type: CqlType) -> Iterator[Finding]:
    name = kind.rpartition(".")[2]
    made = KINDS.get(name, name.lower())
    if made in _OUTERMOST and made != _outermost(cql_type):
        what = f"The field is a {kind}, which makes {made}; the column is {cql_type}."
        yield Finding(place, what, "Correct the field's class, or the type in the file.")


def _outermost(cql_type: CqlType) -> str:
    if isinstance(cql_type, UserType):
        return "user-defined type"
    return str(cql_type).replace("frozen<", "", 1).partition("<")[0]
