# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan as a file for cqlsh: without a cluster it is the plan for a table of which nothing is known; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._cql.statement import column_definition, verify_columns
from .._cql.version import apache_version
from .desired import Desired, read_desired, read_table_name
from .model import Table
from .plan import Plan, make_plan

_RUN_ONCE = (
    'Run it once. The server refuses a second run as a whole, with words such as "conflicts with an existing column" or',
    '"already exists": then all is well if the verification below shows what it should. From Cassandra 4.1 on the',
    "statement could say ADD IF NOT EXISTS, but the version was not known when this file was written, or it is older.",
)
_RUN_AGAIN = (
    "You can run it again: a column that exists is left alone, whatever its type. So read the verification below.",
)


def cql_file(
    keyspace: str,
    table: str,
    columns: Sequence[Mapping[str, Any]],
    verify: Sequence[Mapping[str, Any]],
    release_version: str,
) -> str:
    """The file; raises InvalidInput. Of the columns to verify, those to add are some, all or none."""
    name = read_table_name({"keyspace": keyspace, "table": table})
    listed = read_desired({"keyspace": keyspace, "table": table, "columns": verify})
    missing = read_desired({"keyspace": keyspace, "table": table, "columns": columns}) if columns else Desired(name)
    # IF NOT EXISTS is part of CQL from Cassandra 4.1 on.
    knows_if_not_exists = (apache_version(release_version) or (0, 0)) >= (4, 1)
    plan = make_plan(missing, Table(name, ()), if_not_exists=knows_if_not_exists)
    again = _RUN_AGAIN if knows_if_not_exists else _RUN_ONCE
    return "\n".join([*_changes(plan, again), "", *_verification(listed), "", *_reverse(plan)]) + "\n"


def _changes(plan: Plan, again: Sequence[str]) -> Iterator[str]:
    if not plan.changes:
        yield from _comment(f"Nothing is left to do for {plan.table.name}: all columns exist.")
    for change in plan.changes:
        yield from _comment(
            f"{change.comment}. Run it with: cqlsh -f THIS_FILE",
            "It changes only the definition of the table: no existing data, no key, no existing column. The application can",
            "keep running. One statement adds all columns, or none. Before it, check that all nodes hold one schema version:",
            "nodetool describecluster. Run it in one place only.",
            *again,
        )
        yield f"{change.cql};"


def _verification(listed: Desired) -> Iterator[str]:
    yield from _comment("Verify: these rows must be there, with these types.")
    for column in listed.columns:
        yield from _comment(f"    {column_definition(column.name, column.type)}, {column.kind}")
    yield verify_columns(listed.table.keyspace, listed.table.name, [column.name for column in listed.columns]) + ";"


def _reverse(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        yield from _comment(
            "To reverse it, which destroys what was written to these columns, first take them out of the application:",
            f"{change.reverse};",
        )


def _comment(*texts: str) -> Iterator[str]:
    # A name may hold the end of a line: every line of it stays a comment.
    for text in texts:
        yield from (f"-- {line}" for line in re.split(r"[\r\n\u2028\u2029]", text))
