# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A read by the driver that leaves values as the bytes they are; besides the session the only IO of a query.

The one place with more than the driver's public API, for two reasons. A value that the driver cannot decode costs it the
connection. So does a vector of a user-defined type whose name, in hexadecimal, is all digits, as that of C(address) is
(cassandra-driver 3.30.1). So types are read here. For C(prepare) the driver has no public way to say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any, NamedTuple

from .._connection.session import Session
from .._cql.cql_type import ALIASES, Collection, CqlType, Custom, Native, Tuple, freeze
from .._cql.marshal import Record, type_of_class

_ARITY = {"list": 1, "set": 1, "map": 2}


class Column(NamedTuple):
    """What the driver takes for the type of a column or marker: the real one is inside, and values stay bytes."""

    cql_type: CqlType

    def from_binary(self, data: bytes | None, _protocol_version: int) -> bytes | None:
        """The bytes themselves."""
        return data

    def serialize(self, data: bytes, _protocol_version: int) -> bytes:
        """The bytes themselves."""
        return data


def prepare(session: Session, text: str) -> Any:
    """The driver's prepared statement, whose types are C(Column); raises as C(Session.read) does."""
    from cassandra.cluster import ResponseFuture
    from cassandra.protocol import PrepareMessage
    from cassandra.query import PreparedStatement

    with session.asking() as driver:
        future = ResponseFuture(driver, PrepareMessage(query=text), query=None, timeout=driver.default_timeout)
        future._protocol_handler = protocol_handler()
        future.send_request()
        answer = future.result().one()
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
    return statement


def read_page(
    session: Session, prepared: Any, values: Sequence[bytes | None], consistency: str, size: int, state: bytes | None
) -> Any:
    """The driver's result for the page that begins at C(state), with values as bytes; raises as C(Session.read) does."""
    from cassandra import ConsistencyLevel
    from cassandra.query import BoundStatement

    level = ConsistencyLevel.name_to_value[consistency]
    bound = BoundStatement(prepared, consistency_level=level, fetch_size=size).bind(values)
    with session.asking() as driver:
        usual, driver.client_protocol_handler = driver.client_protocol_handler, protocol_handler()
        try:
            future = driver.execute_async(bound, paging_state=state)
        finally:
            driver.client_protocol_handler = usual
        result = future.result()
        session.warnings += future.warnings or []
    return result


def read_type(stream: IO[bytes]) -> CqlType:
    """The type that comes next in an answer (native_protocol_v5.spec, 4.2.5.2); raises ValueError where it is unknown.

    The protocol does not tell whether a collection or a user-defined type is frozen; inside another type it always is.
    """
    from cassandra import type_codes
    from cassandra.protocol import ResultMessage, read_short, read_string

    code = read_short(stream)
    if code == type_codes.CUSTOM_TYPE:
        return _type_of_class(read_string(stream))
    if code == type_codes.TupleType:
        return Tuple(tuple(freeze(read_type(stream)) for _part in range(read_short(stream))))
    if code == type_codes.UserType:
        _keyspace, name = read_string(stream), read_string(stream)
        return Record(
            name, fields=tuple((read_string(stream), read_type(stream)) for _field in range(read_short(stream)))
        )
    if code not in ResultMessage.type_codes:
        raise ValueError(f"the server sent the unknown type {code:#06x}")
    name = ResultMessage.type_codes[code].typename
    if name in _ARITY:
        return Collection(name, tuple(freeze(read_type(stream)) for _part in range(_ARITY[name])))
    return Native(ALIASES.get(name, name))


def _type_of_class(name: str) -> CqlType:
    try:
        return type_of_class(name)
    except ValueError:
        return Custom(name)


def protocol_handler() -> Any:
    """The driver's handler of messages, which reads types as C(read_type) does."""
    from cassandra.protocol import ResultMessage, _ProtocolHandler

    class Result(ResultMessage):  # type: ignore[misc]
        @classmethod
        def read_type(cls, stream: Any, _user_types: Any) -> Column:
            return Column(read_type(stream))

    messages = {**_ProtocolHandler.message_types_by_opcode, ResultMessage.opcode: Result}
    return type("Handler", (_ProtocolHandler,), {"message_types_by_opcode": messages})
