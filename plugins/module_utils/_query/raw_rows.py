# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads through the driver which leave values as the bytes they are; besides the session the only IO of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._connection.session import Session
from .._cql.cql_type import CqlType
from .binding import Marker
from .wire_type import read_type


@dataclass(frozen=True)
class Prepared:
    """A statement which the server has parsed; C(returns_rows) is false for whatever is no read."""

    statement: Any
    markers: tuple[Marker, ...]
    returns_rows: bool


@dataclass(frozen=True)
class Page:
    """Some rows as bytes by column name, the names and types of the columns, and where to go on (None at the end)."""

    columns: tuple[tuple[str, CqlType], ...]
    rows: Sequence[Mapping[str, bytes | None]]
    state: bytes | None


def prepare(session: Session, text: str) -> Prepared:
    """Have the server parse a query, without executing it; raises as C(Session.read) does.

    As the driver's own C(prepare) does it, which would read the types with its own classes.
    """
    from cassandra.cluster import ResponseFuture
    from cassandra.protocol import PrepareMessage
    from cassandra.query import PreparedStatement

    with session.asking() as driver:
        future = ResponseFuture(driver, PrepareMessage(query=text), query=None, timeout=driver.default_timeout)
        future._protocol_handler = _protocol_handler()
        future.send_request()
        answer = future.result().one()
        # Not by from_message(), whose parameters are others in scylla-driver.
        statement = PreparedStatement(
            answer.bind_metadata,
            answer.query_id,
            None,
            text,
            None,
            driver.cluster.protocol_version,
            answer.column_metadata,
            answer.result_metadata_id,
        )
        driver.cluster.add_prepared(answer.query_id, statement)
    markers = tuple(Marker(column.name, column.type) for column in answer.bind_metadata)
    return Prepared(statement, markers, bool(answer.column_metadata))


def read_page(
    session: Session,
    prepared: Prepared,
    values: Sequence[bytes | None],
    consistency: str,
    fetch_size: int,
    state: bytes | None,
) -> Page:
    """The page which begins at C(state), with at most C(fetch_size) rows; raises as C(Session.read) does."""
    from cassandra import ConsistencyLevel
    from cassandra.query import BoundStatement

    level = ConsistencyLevel.name_to_value[consistency]
    bound = BoundStatement(prepared.statement, consistency_level=level, fetch_size=fetch_size)
    bound.values = list(values)
    with session.asking() as driver:
        usual, driver.client_protocol_handler = driver.client_protocol_handler, _protocol_handler()
        try:
            future = driver.execute_async(bound, paging_state=state)
        finally:
            driver.client_protocol_handler = usual
        result = future.result()
        session.warnings += future.warnings or []
    return Page(tuple(zip(result.column_names, result.column_types)), result.current_rows, result.paging_state)


def _protocol_handler() -> Any:
    """The driver's handler of messages, changed where it reads types and rows."""
    from cassandra.protocol import ResultMessage, _ProtocolHandler, read_int

    class RawResult(ResultMessage):  # type: ignore[misc]
        def recv_results_rows(self, stream: Any, _version: int, user_types: Any, known: Any, *_rest: Any) -> None:
            self.recv_results_metadata(stream, user_types)
            columns = self.column_metadata or known
            self.column_names = [column[2] for column in columns]
            self.column_types = [column[3] for column in columns]
            self.parsed_rows = [self.recv_row(stream, len(columns)) for _row in range(read_int(stream))]

        @classmethod
        def read_type(cls, stream: Any, _user_types: Any) -> CqlType:
            return read_type(stream)

    messages = {**_ProtocolHandler.message_types_by_opcode, ResultMessage.opcode: RawResult}
    return type("RawHandler", (_ProtocolHandler,), {"message_types_by_opcode": messages})
