# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of columns and parameters as the native protocol describes them (native_protocol_v5.spec, section 4.2.5.2).

Read here and not by the driver: cassandra-driver 3.30.1 loses its connection over a vector of a user-defined type whose
name, in hexadecimal, happens to be all digits. C(address) is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from .._cql.cql_type import Collection, CqlType, Custom, Native, Tuple, UserType, Vector, freeze
from .._cql.marshal import type_of_class

_NATIVES = {
    0x01: "ascii",
    0x02: "bigint",
    0x03: "blob",
    0x04: "boolean",
    0x05: "counter",
    0x06: "decimal",
    0x07: "double",
    0x08: "float",
    0x09: "int",
    0x0B: "timestamp",
    0x0C: "uuid",
    0x0D: "text",
    0x0E: "varint",
    0x0F: "timeuuid",
    0x10: "inet",
    0x11: "date",
    0x12: "time",
    0x13: "smallint",
    0x14: "tinyint",
    0x15: "duration",
}
_CLASS, _RECORD, _TUPLE = 0x00, 0x30, 0x31
_COLLECTIONS = {0x20: ("list", 1), 0x21: ("map", 2), 0x22: ("set", 1)}
_COLLECTION_CLASSES = {"ListType": "list", "MapType": "map", "SetType": "set"}
_PACKAGE = "org.apache.cassandra.db.marshal."


@dataclass(frozen=True)
class Record(UserType):
    """A user-defined type together with its fields, each a name and a type."""

    fields: tuple[tuple[str, CqlType], ...] = ()


def members(cql_type: CqlType) -> tuple[CqlType, ...]:
    """The types of the parts of a tuple or user-defined type; none for any other."""
    if isinstance(cql_type, Record):
        return tuple(field for _name, field in cql_type.fields)
    return cql_type.elements if isinstance(cql_type, Tuple) else ()


def read_type(stream: IO[bytes]) -> CqlType:
    """The type which comes next in the answer of a server; raises ValueError where it is none we know.

    The protocol does not tell whether a collection or a user-defined type is frozen; inside another type it always is.
    """
    code = _short(stream)
    if code in _NATIVES:
        return Native(_NATIVES[code])
    if code == _CLASS:
        return type_of_wire_class(_string(stream))
    if code in _COLLECTIONS:
        name, arity = _COLLECTIONS[code]
        return Collection(name, tuple(freeze(read_type(stream)) for _part in range(arity)))
    if code == _TUPLE:
        return Tuple(tuple(freeze(read_type(stream)) for _part in range(_short(stream))))
    if code == _RECORD:
        _keyspace, name = _string(stream), _string(stream)
        return Record(name, fields=tuple((_string(stream), read_type(stream)) for _field in range(_short(stream))))
    raise ValueError(f"the server sent the unknown type {code:#06x}")


def type_of_wire_class(text: str) -> CqlType:
    """The type of a Java class name, as vectors and custom types are described; one we do not know stays a class."""
    try:
        return _type(text)
    except (ValueError, IndexError):
        return Custom(text)


def _type(text: str) -> CqlType:
    name, arguments = _split(text)
    short = name[len(_PACKAGE) :] if name.startswith(_PACKAGE) else ""
    if short in ("FrozenType", "ReversedType"):
        return _type(arguments[0])
    if short in _COLLECTION_CLASSES:
        return Collection(_COLLECTION_CLASSES[short], tuple(freeze(_type(argument)) for argument in arguments))
    if short == "TupleType":
        return Tuple(tuple(freeze(_type(argument)) for argument in arguments))
    if short == "VectorType":
        return Vector(freeze(_type(arguments[0])), int(arguments[1]))
    if short == "UserType":
        fields = (argument.split(":", 1) for argument in arguments[2:])
        return Record(_unhex(arguments[1]), fields=tuple((_unhex(field), _type(inner)) for field, inner in fields))
    return type_of_class(text)


def _split(text: str) -> tuple[str, list[str]]:
    """A class name and its arguments: C(A(B,C(D))) is C(A) and C([B, C(D)])."""
    name, _bracket, rest = text.strip().partition("(")
    arguments, depth, start = [], 0, 0
    rest = rest[:-1] + "," if rest.endswith(")") else ""
    for place, sign in enumerate(rest):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            arguments.append(rest[start:place].strip())
            start = place + 1
    return name.strip(), arguments


def _unhex(text: str) -> str:
    return bytes.fromhex(text).decode("utf-8")


def _short(stream: IO[bytes]) -> int:
    return int.from_bytes(stream.read(2), "big")


def _string(stream: IO[bytes]) -> str:
    return stream.read(_short(stream)).decode("utf-8")
