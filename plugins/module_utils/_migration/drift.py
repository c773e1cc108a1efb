# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a migration file, the tables and the model classes still say the same: a finding for each difference; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._cql.cql_type import Collection, CqlType, Native, Tuple, UserType
from .._cql.identifier import display_name, parse_name
from .._cql.type_parser import parse_type
from .._errors import InvalidInput

# The classes of cassandra.cqlengine.columns (cassandra-driver 3.30), by the CQL type that they make.
_KINDS = {
    "Ascii": "ascii",
    "BigInt": "bigint",
    "Blob": "blob",
    "Boolean": "boolean",
    "Bytes": "blob",
    "Counter": "counter",
    "Date": "date",
    "DateTime": "timestamp",
    "Decimal": "decimal",
    "Double": "double",
    "Duration": "duration",
    "Float": "float",
    "Inet": "inet",
    "Integer": "int",
    "List": "list",
    "Map": "map",
    "Set": "set",
    "SmallInt": "smallint",
    "Text": "text",
    "Time": "time",
    "TimeUUID": "timeuuid",
    "TinyInt": "tinyint",
    "Tuple": "tuple",
    "UserDefinedType": "user-defined type",
    "UUID": "uuid",
    "VarInt": "varint",
}


DIFFERENCE, NOT_COMPARED = "difference", "not_compared"


class Finding(NamedTuple):
    """One difference: where it is, what differs, and the way out; or, by its C(kind), what could not be compared."""

    cluster: str
    where: str
    what: str
    way_out: str
    kind: str = DIFFERENCE


def table_findings(cluster: str, table: Mapping[str, Any], observed: Mapping[str, Any]) -> Iterator[Finding]:
    """The differences between a table of the migration file and what C(cassandra_column) says of it in check mode."""
    name = f"{table['keyspace']}.{table['table']}"
    columns = [column for result in observed.get("results") or [] for column in result["columns"]]
    if not columns:
        yield _unread(cluster, name, observed.get("msg", "The table could not be read."))
        return
    for column in columns:
        place, status = f"{name}.{display_name(column['name'])}", column["status"]
        if status in ("would_add", "missing"):
            yield Finding(cluster, place, f"The column is missing: the file lists {column['type']}.", _MIGRATE)
        elif status in ("would_drop", "present") and table.get("state") == "absent":
            yield Finding(cluster, place, "The column exists: the file says that it is absent.", _MIGRATE)
        elif status == "conflict":
            yield Finding(cluster, place, _conflict(column), "Correct the file, or migrate the data to a new column.")
    if observed.get("failed") and observed.get("failure") not in (None, "conflict"):
        yield _unread(cluster, name, observed["msg"])


def model_findings(
    cluster: str, model: Mapping[str, Any], answer: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """The differences between a model class and the tables; C(answer) is that of C(model_fields) in check mode."""
    place = f"{model['path']}: {model['class_name']}"
    listed = dict(_listed_types(tables))
    fields = answer.get("fields")
    if not fields:
        yield _unread(cluster, place, answer.get("msg", "The class could not be read."))
        return
    for field in fields:
        where = f"{place}.{field['name']}"
        if field["state"] != "enabled":
            yield Finding(cluster, where, _state(field), _ENABLE if field["state"] == "disabled" else _BY_HAND)
        elif field["name"] in listed:
            yield from _kind_findings(cluster, where, str(field.get("kind") or ""), listed[field["name"]])


def not_compared(clusters: Sequence[str]) -> Iterator[Finding]:
    """A finding for each cluster of which nothing is known."""
    for cluster in clusters:
        what = "The cluster was not compared: its play failed before."
        yield Finding(cluster, "-", what, "Read its failure above, then run it again.", NOT_COMPARED)


def _unread(cluster: str, where: str, why: Any) -> Finding:
    return Finding(cluster, where, str(why), "Correct this, then run it again.", NOT_COMPARED)


_MIGRATE = "Run the playbook migrate with this file."
_ENABLE = "Run the playbook migrate with this file, which enables the field."
_BY_HAND = "Correct the model by hand."


def _conflict(column: Mapping[str, Any]) -> str:
    found, wanted = column["found"], column["wanted"]
    there = f"The table has a {found['kind']} column of type {found['type']}"
    return (
        f"{there}, the file lists {wanted['kind']} {wanted['type']}."
        if wanted
        else f"{there}, the file lists another one."
    )


def _state(field: Mapping[str, Any]) -> str:
    line = f" (line {field['line']})" if field.get("line") else ""
    words = {"disabled": "The field is commented out", "absent": "The field is not in the class"}
    text = words.get(field["state"], f"The field is {field['state']}")
    reason = f": {field['reason']}" if field.get("reason") else ""
    return f"{text}{line}{reason}".rstrip(".") + "."


def _listed_types(tables: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, CqlType]]:
    """The listed columns that are to be present, by the name that a Python field has."""
    for table in tables:
        for column in table["columns"] if table.get("state") != "absent" else ():
            pairs = [(column["name"], column["type"])] if "name" in column else list(column.items())
            try:
                yield parse_name(pairs[0][0], "column"), parse_type(pairs[0][1])
            except InvalidInput:  # the file was checked before, and what it cannot hold has no field
                continue


def _kind_findings(cluster: str, where: str, kind: str, cql_type: CqlType) -> Iterator[Finding]:
    made = _KINDS.get(kind.rpartition(".")[2])
    if made and made != _outermost(cql_type):
        what = f"The field is a {kind}, which makes {made}; the column is {cql_type}."
        yield Finding(cluster, where, what, "Correct the field's class, or the type in the file.")


def _outermost(cql_type: CqlType) -> str:
    if isinstance(cql_type, (Native, Collection)):
        return cql_type.name
    if isinstance(cql_type, Tuple):
        return "tuple"
    return "user-defined type" if isinstance(cql_type, UserType) else str(cql_type)
