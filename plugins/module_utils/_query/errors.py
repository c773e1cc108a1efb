# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a refused query means: a missing keyspace, table or permission, or else the server's own words."""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Iterator
from typing import Any

from .._connection.session import Session
from .._cql.identifier import quote, truncate
from .._cql.statement import grant
from .._errors import Failure, NotAuthorized, StatementFailed
from .._schema.model import TableName, is_system_keyspace
from .._schema.observe import keyspace_missing, observe_keyspaces, observe_table
from .request import Request

# The servers print names without quotes; a keyspace's name has no dot in it.
_NO_PERMISSION = re.compile(r"has no (\w+) permission on <(table|function) ([^.>]+)\.(.+?)>")


def explain(session: Session, request: Request, refusal: Failure) -> Failure:
    """The failure to raise instead of the server's; its facts hold the statement.

    What is missing is looked up: Cassandra 4.0 and later tell a role that it has no permission on a table, whether the
    table exists or not.
    """
    try:
        _require_keyspace_and_table(session, request)
    except (NotAuthorized, StatementFailed):
        failure = refusal
    except Failure as missing:
        failure = missing
    else:
        failure = _in_words(session, request, refusal)
    failure.facts["statement"] = request.query.text
    return failure


class Unreadable(StatementFailed):
    """An answer came, and nothing can be made of it, by the driver or by us: there is no reason to look for."""


@contextlib.contextmanager
def reading(session: Session, request: Request) -> Iterator[Any]:
    """The driver's session; raises as C(Session.read) does, or Unreadable."""
    from cassandra import DriverException

    unreadable: Exception | None = None
    with session.asking() as driver:
        try:
            yield driver
        # What the driver raises while it decodes a type or a value; its other errors are more special ones.
        except (
            DriverException,
            AttributeError,
            ArithmeticError,
            LookupError,
            TypeError,
            ValueError,
            struct.error,
        ) as error:
            if isinstance(error, DriverException) and type(error) is not DriverException:
                raise
            unreadable = error
    if unreadable:
        raise Unreadable(
            f"The Python driver cannot read what the query finds ({truncate(str(unreadable), 300)}): select toJson(...) of the "
            "column instead, which is text, or toUnixTimestamp(...) of a timestamp beyond the years 1 to 9999.",
            statement=request.query.text,
        )


def _require_keyspace_and_table(session: Session, request: Request) -> None:
    """Raises KeyspaceMissing or TableMissing; tables of system keyspaces may be virtual, and those are described elsewhere."""
    if request.keyspace is not None and not is_system_keyspace(request.keyspace):
        keyspaces = observe_keyspaces(session)
        if request.keyspace not in keyspaces:
            raise keyspace_missing(request.keyspace, keyspaces)
    keyspace, table = request.query.keyspace or request.keyspace, request.query.table
    if keyspace and table and not is_system_keyspace(keyspace):
        observe_table(session, TableName(keyspace, table))


def _in_words(session: Session, request: Request, refusal: Failure) -> Failure:
    if isinstance(refusal, StatementFailed):
        return StatementFailed(f"The query {request.query.text} failed: {refusal.message}")
    role = quote(session.settings.user) if session.settings.user else "the role"
    found = _NO_PERMISSION.search(refusal.message)
    if not found:
        return NotAuthorized(f"Role {role} may not do this (the server: {refusal.message}).")
    permission, kind, keyspace, name = found.groups()
    # A function is printed with the types of its arguments.
    name, bracket, arguments = name.partition("(") if kind == "function" else (name, "", "")
    resource = f"{quote(keyspace)}.{quote(name)}{bracket}{arguments}"
    return NotAuthorized(
        f"Role {role} may not {permission} {resource}: a superuser can allow it with "
        f"{grant(permission, kind, resource, role)} (the server: {refusal.message})."
    )
