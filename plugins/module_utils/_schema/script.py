# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A migration as a file for cqlsh: the plan for a table of which nothing is known, with words around it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._cql.statement import add_columns, column_definition, drop_columns, verify_columns
from .desired import Desired, read_desired, read_table_name
from .model import TableName

_AGAIN = (
    'Run it once. A second run is refused as a whole, with words like "conflicts with an existing column" or',
    '"already exists": then all is well if the verification below shows what it should. From Cassandra 4.1 on the',
    "statement could say ADD IF NOT EXISTS, but the version was not known when this file was written, or it is older.",
)
_AGAIN_HARMLESS = (
    "It may be run again: a column which is there is left alone, whatever its type. So read the verification below.",
)


def migration_script(
    keyspace: str,
    table: str,
    columns: Sequence[Mapping[str, Any]],
    verify: Sequence[Mapping[str, Any]],
    release_version: str,
) -> str:
    """The file; raises InvalidInput. Of the columns to verify, those to add are some, all or none."""
    name = read_table_name({"keyspace": keyspace, "table": table})
    wanted = read_desired({"keyspace": keyspace, "table": table, "columns": verify})
    missing = read_desired({"keyspace": keyspace, "table": table, "columns": columns}) if columns else Desired(name)
    lines = [*_change(missing, release_version), "", *_verification(wanted), "", *_way_back(name, missing)]
    return "\n".join(lines) + "\n"


def _change(missing: Desired, release_version: str) -> Iterator[str]:
    name = missing.table
    if not missing.columns:
        yield from _comment(f"Nothing is left to do for {name}: all columns are there.")
        return
    yield from _comment(
        f"Adds {len(missing.columns)} column(s) to {name}. Run it with: cqlsh -f THIS_FILE",
        "It changes the definition of the table only: no existing data, no key, no existing column. The application may",
        "go on running. All columns are added by one statement, so that there are all of them or none. Before it, see that",
        "all nodes hold one schema version: nodetool describecluster. Run it in one place only.",
    )
    again = _knows_if_not_exists(release_version)
    yield from _comment(*(_AGAIN_HARMLESS if again else _AGAIN))
    definitions = [column_definition(column.name, column.type, column.static) for column in missing.columns]
    yield add_columns(name.keyspace, name.name, definitions, if_not_exists=again).text + ";"


def _verification(wanted: Desired) -> Iterator[str]:
    yield from _comment("Verify: these rows must be there, with these types.")
    for column in wanted.columns:
        yield from _comment(f"    {column_definition(column.name, column.type)}, {column.kind}")
    yield verify_columns(wanted.table.keyspace, wanted.table.name, [column.name for column in wanted.columns]) + ";"


def _way_back(name: TableName, missing: Desired) -> Iterator[str]:
    if missing.columns:
        statement = drop_columns(name.keyspace, name.name, [column.name for column in missing.columns]).text
        yield from _comment(
            "The way back, which destroys what was written to these columns. First take them out of the application.",
            f"{statement};",
        )


def _comment(*texts: str) -> Iterator[str]:
    # A name may hold the end of a line: every line of it stays a comment.
    for text in texts:
        yield from (f"-- {line}" for line in re.split(r"[\r\n\u2028\u2029]", text))


def _knows_if_not_exists(release_version: str) -> bool:
    """Only Apache's own numbers are believed: Astra DB calls itself 4.0.0.6816."""
    match = re.match(r"(\d+)\.(\d+)(\.\d+)?(-[A-Za-z]\w*)?\Z", release_version)
    return bool(match) and (int(match.group(1)), int(match.group(2))) >= (4, 1) if match else False
