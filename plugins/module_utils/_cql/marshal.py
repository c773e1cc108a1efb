# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Java class names of types, quoted in CQL as C('org.apache.cassandra.db.marshal.Int32Type').

The server reads them by C(TypeParser.java) and prints those it has a CQL name for by that name (measured on 5.0.9).
"""

from __future__ import annotations

import re

from .cql_type import Collection, CqlType, Custom, Native, Tuple, UserType, Vector, freeze

_PACKAGE = "org.apache.cassandra.db.marshal."
# An argument may have an alias (a=>Class), or be a field of a user-defined type (hexadecimal name:Class).
_TOKEN = re.compile(r"\s*([A-Za-z0-9_.$+\-]+(?:\s*(?:=>|:)\s*[A-Za-z0-9_.$]+)?|[(),])")
_MAX_DEPTH = 64

_NATIVES = {
    "AsciiType": "ascii",
    "BooleanType": "boolean",
    "ByteType": "tinyint",
    "BytesType": "blob",
    "CounterColumnType": "counter",
    "DateType": "timestamp",
    "DecimalType": "decimal",
    "DoubleType": "double",
    "DurationType": "duration",
    "FloatType": "float",
    "InetAddressType": "inet",
    "Int32Type": "int",
    "IntegerType": "varint",
    "LegacyTimeUUIDType": "timeuuid",
    "LongType": "bigint",
    "ShortType": "smallint",
    "SimpleDateType": "date",
    "TimeType": "time",
    "TimestampType": "timestamp",
    "TimeUUIDType": "timeuuid",
    "UTF8Type": "text",
    "UUIDType": "uuid",
}
_COLLECTIONS = {"ListType": ("list", 1), "SetType": ("set", 1), "MapType": ("map", 2)}


def type_of_class(text: str) -> CqlType:
    """The type that the class name C(text) stands for; raises ValueError with the reason if it is not one."""
    tokens = _tokens(text)
    name, arguments = _node(tokens, 0)
    if tokens:
        raise ValueError(f"{tokens[0]!r} is not expected in the class name")
    return _type(name, arguments)


def _type(name: str, arguments: list[_Node]) -> CqlType:
    short = name[len(_PACKAGE) :] if name.startswith(_PACKAGE) else name
    if short == "PartitionerDefinedOrder":
        raise ValueError("PartitionerDefinedOrder depends on the cluster's partitioner and is not for columns")
    if short in _NATIVES and not arguments:
        return Native(_NATIVES[short])
    if short in ("FrozenType", "ReversedType") and len(arguments) == 1:
        inner = _type(*arguments[0])
        return freeze(inner) if short == "FrozenType" else inner
    if short in _COLLECTIONS and len(arguments) == _COLLECTIONS[short][1]:
        return Collection(_COLLECTIONS[short][0], tuple(_type(*argument) for argument in arguments))
    if short == "TupleType" and arguments:
        return Tuple(tuple(freeze(_type(*argument)) for argument in arguments))
    if short == "VectorType" and len(arguments) == 2 and arguments[1][0].isdigit() and not arguments[1][1]:
        return Vector(_type(*arguments[0]), int(arguments[1][0]))
    if short == "UserType" and len(arguments) > 2:
        return UserType(bytes.fromhex(arguments[1][0]).decode("utf-8"))
    return Custom(_full(name, arguments))


def _full(name: str, arguments: list[_Node]) -> str:
    """The class as the server prints it: it adds C(()) to a composite, and keeps its aliases in no order, the last of each."""
    alias, arrow, class_name = name.rpartition("=>")
    full = class_name if "." in class_name or class_name.isdigit() else _PACKAGE + class_name
    texts = [_full(*argument) for argument in arguments]
    if full == _PACKAGE + "DynamicCompositeType":
        texts = sorted({text.partition("=>")[0]: text for text in texts}.values())
    is_composite = full in (_PACKAGE + "CompositeType", _PACKAGE + "DynamicCompositeType")
    return alias + arrow + full + (f"({','.join(texts)})" if texts or is_composite else "")


def _node(tokens: list[str], depth: int) -> _Node:
    if not tokens or tokens[0] in "(),":
        raise ValueError("a class name is expected")
    if depth > _MAX_DEPTH:
        raise ValueError(f"it is nested more than {_MAX_DEPTH} levels deep")
    name, arguments = re.sub(r"\s", "", tokens.pop(0)), []
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        while tokens and tokens[0] != ")":
            arguments.append(_node(tokens, depth + 1))
            if tokens and tokens[0] == ",":
                tokens.pop(0)
        if not tokens:
            raise ValueError("a ')' is missing in the class name")
        tokens.pop(0)
    return name, arguments


def _tokens(text: str) -> list[str]:
    place, tokens = 0, []
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise ValueError(f"{text[place : place + 20]!r} cannot be part of a class name")
        tokens.append(match.group(1))
        place = match.end()
    return tokens


# A class name with its arguments.
_Node = tuple[str, "list[_Node]"]
