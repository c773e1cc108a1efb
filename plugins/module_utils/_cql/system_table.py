# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A read of a system table that a server may know only in part: which table, which columns, and all that there are; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from .statement import Statement

_SELECT = re.compile(r"SELECT (?P<columns>.+?) FROM (?P<table>\S+)(?P<rest>.*)", re.DOTALL)


class SystemRead(NamedTuple):
    """The C(table) that a statement reads and the C(columns) that it asks for; none for another statement."""

    table: str
    columns: tuple[str, ...]


def parse_read(statement: Statement) -> SystemRead:
    """What the statement reads; the beginning of its text if it is no SELECT."""
    found = _SELECT.fullmatch(statement.text)
    if not found:
        return SystemRead(" ".join(statement.text.split()[:2]), ())
    return SystemRead(found["table"], tuple(name.split()[-1] for name in found["columns"].split(",")))


def every_column(statement: Statement) -> Statement:
    """The same rows with the columns that the server has, whichever these are."""
    found = _SELECT.fullmatch(statement.text)
    # The parts are those of a text that was made in this package.
    return statement._replace(text=f"SELECT * FROM {found['table']}{found['rest']}") if found else statement  # noqa: S608
