# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An index on a column as a value, and the CQL about indexes; pure.

A storage-attached index is made with the words that Apache Cassandra 5.0 and later, Astra DB and DSE document alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .cql_type import Collection, CqlType
from .identifier import quote, unquote
from .system_table import literal, select_by

SAI, LEGACY = "sai", "legacy"
KINDS = (SAI, LEGACY)

# What a storage-attached index does without these options (5.0.9, measured).
_DEFAULTS = {"ascii": "false", "case_sensitive": "true", "normalize": "false", "similarity_function": "cosine"}
_SAI_CLASS = "StorageAttachedIndex"
_TARGET = re.compile(r"(keys|values|entries|full)\((.+)\)\Z", re.DOTALL)


class Index(NamedTuple):
    """An index of one column; C(part) is what of a collection it holds: C(values), C(keys), C(entries), C(full), or nothing.

    C(kind) is one of C(KINDS), or the class of another index that was found.
    """

    name: str
    column: str
    kind: str = SAI
    options: tuple[tuple[str, str], ...] = ()
    part: str = ""

    @property
    def key(self) -> str:
        """What tells it apart from the columns of its table."""
        return f"index {self.name}"

    @property
    def target(self) -> str:
        """What it holds, as CQL."""
        return f"{self.part}({quote(self.column)})" if self.part else quote(self.column)

    def of(self, cql_type: CqlType | None) -> Index:
        """The index on a column of this type: of a collection the values, or the whole if it is frozen."""
        if not isinstance(cql_type, Collection):
            return self._replace(part="")
        return self._replace(part="full" if cql_type.frozen else "values")

    def serves(self, listed: Index) -> bool:
        """Whether it has each option that is listed: the server reads values in any case, and has its own where none is given."""
        own = {**_DEFAULTS, **dict(self.options)}
        return all(own.get(name, "").lower() == value.lower() for name, value in listed.options)

    def describe(self) -> str:
        """What kind of index it is, on what, and with which options."""
        options = ", ".join(f"{name}: {value}" for name, value in self.options)
        return f"{self.kind} on {self.target}{f' with {options}' if options else ''}"


def create_index(keyspace: str, table: str, index: Index, if_not_exists: bool = False) -> str:
    """One CREATE INDEX; the server builds it afterwards."""
    custom, using = ("CUSTOM ", f" USING {literal(_SAI_CLASS)}") if index.kind == SAI else ("", "")
    options = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in index.options)
    return (
        f"CREATE {custom}INDEX {'IF NOT EXISTS ' if if_not_exists else ''}{quote(index.name)} "
        f"ON {quote(keyspace)}.{quote(table)} ({index.target}){using}{f' WITH OPTIONS = {{{options}}}' if options else ''}"
    )


def drop_index(keyspace: str, name: str) -> str:
    """One DROP INDEX."""
    return f"DROP INDEX {quote(keyspace)}.{quote(name)}"


# The options hold the target.
select_indexes = select_by("system_schema.indexes", "index_name kind options", "keyspace_name table_name")
select_keyspace_indexes = select_by("system_schema.indexes", "table_name index_name kind options", "keyspace_name")
# Whether the node that answers can query each storage-attached index of a keyspace, or still builds it (5.0 and later).
select_storage_attached = select_by(
    "system_views.sai_column_indexes", "index_name is_building is_queryable", "keyspace_name"
)
# The indexes of a keyspace that the node that answers has built; the column table_name holds the keyspace (4.0 to 6.0, measured).
select_built = select_by('system."IndexInfo"', "index_name", "table_name")
# What the node that answers builds or compacts in a keyspace at the moment, and how far it is (4.0 and later).
select_tasks = select_by("system_views.sstable_tasks", "table_name kind progress total", "keyspace_name")


def read_index(row: Mapping[str, Any]) -> Index:
    """The index that a row of C(system_schema.indexes) describes."""
    options = {str(name): str(value) for name, value in (row["options"] or {}).items()}
    column, part = read_target(options.pop("target", ""))
    made_by = options.pop("class_name", "")
    kind = made_by if row["kind"] == "CUSTOM" else LEGACY
    if made_by.rpartition(".")[2].lower() in (SAI, _SAI_CLASS.lower()):
        kind = SAI
    return Index(row["index_name"], column, kind, tuple(sorted(options.items())), part)


def read_target(target: str) -> tuple[str, str]:
    """The column in the target of an index, and what of it the index holds: C(a), C("A"), C(values(a)) and so on."""
    match = _TARGET.match(target)
    return (unquote(match.group(2)), match.group(1)) if match else (unquote(target), "")
