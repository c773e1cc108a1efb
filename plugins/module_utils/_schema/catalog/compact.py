# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables made WITH COMPACT STORAGE, as clients see them; pure.

The server keeps a static one (no clustering key) with columns that it hides from clients, a clustering column column1 and a
regular column value, each with a number behind it if the table has a column of that name. The columns of the table itself are
static there, and regular for clients (Cassandra 4.0 to 6.0, measured). A dense one without a column besides its key hides value.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ..._cql.type_parser import stored_type
from .model import CLUSTERING, REGULAR, STATIC, Table

_EMPTY = stored_type("empty")
_HIDDEN_KEY = re.compile(r"column\d+\Z")
_HIDDEN_VALUE = re.compile(r"value\d*\Z")


def is_compact(flags: Collection[str]) -> bool:
    """Whether a table with these flags uses COMPACT STORAGE."""
    return "compound" not in flags or is_dense(flags)


def is_dense(flags: Collection[str]) -> bool:
    """Whether it is compact and its columns are fixed in number: none can be dropped either."""
    return bool({"dense", "super"} & set(flags))


def may_be_compact(table: Table) -> bool:
    """Whether the columns look as those of a table that hides some: the flags tell, and are read for such tables only."""
    regular = [column for column in table.columns if column.kind == REGULAR]
    return len(regular) == 1 and bool(_HIDDEN_VALUE.match(regular[0].name)) and bool(table.key(CLUSTERING))


def as_clients_see(table: Table, flags: Collection[str] | None) -> Table:
    """The table without what COMPACT STORAGE hides, and with the kinds that clients see; itself if its flags are not known."""
    if flags is None or not is_compact(flags):
        return table
    hidden = [column.name for column in table.columns if column.kind == REGULAR]
    if is_dense(flags):
        hidden = [one.name for one in table.columns if one.type == _EMPTY]
    else:
        hidden += [column.name for column in table.key(CLUSTERING)]
    columns = (one._replace(kind=REGULAR) if one.kind == STATIC else one for one in table.columns)
    return table._replace(columns=tuple(one for one in columns if one.name not in hidden), hidden=tuple(hidden))


def was_compact(table: Table) -> bool:
    """Whether the table looks as if ALTER TABLE ... DROP COMPACT STORAGE made its columns static."""
    key, values = table.key(CLUSTERING), [one for one in table.columns if _HIDDEN_VALUE.match(one.name)]
    return len(key) == 1 and bool(_HIDDEN_KEY.match(key[0].name)) and any(one.kind == REGULAR for one in values)
