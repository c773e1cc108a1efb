# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the text of a CQL type to its value."""

from __future__ import annotations

import functools
import re

from .._errors import InvalidInput
from .cql_type import ALIASES, NATIVES, Collection, CqlType, Custom, Native, Tuple, UserType, Vector, freeze
from .foreign_type import meant_type
from .identifier import nearest, parse_name, truncate

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"]|"")*")|'(?P<class>(?:[^']|'')*)'|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<number>[0-9]+)"""
    r"""|(?P<sign>[<>,.]))"""
)
_MAX_DEPTH = 64
_MAX_LENGTH = 100_000
_MAX_DIMENSION = 2**31 - 1
_COLLECTION_ARITY = {"list": 1, "set": 1, "map": 2}

_PACKAGE = "org.apache.cassandra.db.marshal."
# A type of these classes has a name in CQL, by which the server prints it (measured on 5.0.9), or is for no column.
_NAMED = frozenset(
    """
    AsciiType BooleanType ByteType BytesType CounterColumnType DateType DecimalType DoubleType DurationType FloatType
    FrozenType InetAddressType Int32Type IntegerType LegacyTimeUUIDType ListType LongType MapType PartitionerDefinedOrder
    ReversedType SetType ShortType SimpleDateType TimeType TimeUUIDType TimestampType TupleType UTF8Type UUIDType UserType
    VectorType
    """.split()
)
# A class as the server prints it: with its package, and each argument with its own; an argument may have an alias or be a number.
_ARGUMENT = r"(?:(?:[A-Za-z0-9]=>)?[A-Za-z0-9_$]+(?:\.[A-Za-z0-9_$]+)+|[0-9]+)"
_CLASS = re.compile(rf"{_ARGUMENT}(?:[(),]+{_ARGUMENT})*\)*")


def parse_type(text: str) -> CqlType:
    """The type that C(text) names, in the server's canonical form; raises InvalidInput if there is none."""
    if not isinstance(text, str):
        raise InvalidInput(f"A CQL type must be text, got {text!r}.")
    return _Parser(text).whole()


# A table has few types and many columns, and every table of a run is read several times.
@functools.lru_cache(maxsize=256)
def stored_type(text: str) -> CqlType:
    """The type that a server prints in C(system_schema.columns); one we do not know compares equal to itself only."""
    try:
        return _Parser(text, is_stored=True).whole()
    except InvalidInput:
        return Native(text)


class _Parser:
    """Reads one text by recursive descent, holding the place it has come to."""

    def __init__(self, text: str, is_stored: bool = False) -> None:
        self._text, self._is_stored = text, is_stored
        self._tokens = self._tokenize()
        self._next = 0

    def whole(self) -> CqlType:
        cql_type = self._type(0)
        if self._next < len(self._tokens):
            raise self._error(f"{self._tokens[self._next][1]!r} is not expected after {cql_type}")
        return cql_type

    def _type(self, depth: int) -> CqlType:
        if depth > _MAX_DEPTH:
            raise self._error(f"it is nested more than {_MAX_DEPTH} levels deep")
        kind, text = self._take()
        if kind == "class":
            return self._class(text)
        if kind not in ("word", "quoted"):
            raise self._error(f"a type's name is expected where {text!r} stands" if text else "it ends too early")
        word = text.lower() if kind == "word" else ""
        if self._peek() == "<":
            return self._parametric(word, text, depth)
        if self._peek() == ".":
            self._take()
            return self._user_type(self._take(), keyspace=parse_name(text, "keyspace"))
        word = ALIASES.get(word, word)
        if word == "empty" and self._is_stored:
            # A server prints this name, and takes the class only.
            return Custom(_PACKAGE + "EmptyType")
        return Native(word) if word in NATIVES - {"empty"} else self._user_type((kind, text))

    def _parametric(self, word: str, text: str, depth: int) -> CqlType:
        self._expect("<")
        if word == "vector":
            element = self._type(depth + 1)
            self._expect(",")
            return self._closed(Vector(element, self._dimension()))
        if word not in ("frozen", "tuple", *_COLLECTION_ARITY):
            similar = None if word in NATIVES else nearest(word, ("frozen", "tuple", "vector", *_COLLECTION_ARITY))
            raise self._error(f"{text} takes no parameters{f', did you mean {similar}?' if similar else ''}")
        elements = [self._type(depth + 1)]
        while self._peek() == ",":
            self._take()
            elements.append(self._type(depth + 1))
        return self._closed(self._built(word, tuple(elements)))

    def _built(self, word: str, elements: tuple[CqlType, ...]) -> CqlType:
        if word == "tuple":
            return Tuple(tuple(freeze(element) for element in elements))
        wanted = _COLLECTION_ARITY.get(word, 1)
        if len(elements) != wanted:
            raise self._error(f"{word} takes {wanted} parameter{'s' * (wanted > 1)}, not {len(elements)}")
        if word == "frozen":
            if isinstance(elements[0], (Native, Custom)):
                raise self._error(f"frozen is for collections, tuples and user-defined types, not for {elements[0]}")
            return freeze(elements[0])
        return Collection(word, elements)

    def _user_type(self, token: tuple[str, str], keyspace: str | None = None) -> CqlType:
        kind, text = token
        if kind not in ("word", "quoted"):
            raise self._error("the name of a user-defined type is expected after the keyspace")
        name = parse_name(text, "user-defined type")
        if ALIASES.get(name, name) in NATIVES:
            # Cassandra 4.0 to 5.0 print a column of the user-defined type "int" as int: nobody could tell them apart.
            raise self._error(f"a user-defined type called {name} cannot be told from the native type")
        return UserType(name, keyspace)

    def _class(self, text: str) -> CqlType:
        """A type without a name in CQL: it is compared as a text, so it is to be written as the server prints it."""
        class_name = text.replace("''", "'")
        if self._is_stored:
            return Custom(class_name)
        outer, arguments, _rest = class_name.partition("(")
        if outer.replace(_PACKAGE, "").strip() in _NAMED:
            raise self._error("write the name of the type in CQL, not its class")
        if not _CLASS.fullmatch(class_name) or (outer.endswith("CompositeType") and not arguments):
            raise self._error(
                f"write a class as the server prints it, with its package and without spaces, such as '{_PACKAGE}"
                f"CompositeType({_PACKAGE}Int32Type)'"
            )
        return Custom(class_name)

    def _dimension(self) -> int:
        kind, text = self._take()
        # The length first: Python refuses to convert thousands of digits, in words of its own.
        if kind != "number" or len(text.lstrip("0")) > 10 or not 0 < int(text) <= _MAX_DIMENSION:
            raise self._error(f"a vector's dimension is a positive 32-bit whole number, not {truncate(text)}")
        return int(text)

    def _closed(self, cql_type: CqlType) -> CqlType:
        self._expect(">")
        return cql_type

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            found = repr(self._tokens[self._next][1]) if self._next < len(self._tokens) else "the end"
            raise self._error(f"{sign!r} is expected where {found} stands")
        self._next += 1

    def _peek(self) -> str:
        if self._next < len(self._tokens) and self._tokens[self._next][0] == "sign":
            return self._tokens[self._next][1]
        return ""

    def _take(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            return "end", ""
        self._next += 1
        return self._tokens[self._next - 1]

    def _tokenize(self) -> list[tuple[str, str]]:
        text, place, tokens = self._text.rstrip(), 0, []
        if len(text) > _MAX_LENGTH:
            raise self._error(f"it is longer than {_MAX_LENGTH} characters")
        while place < len(text):
            match = _TOKEN.match(text, place)
            if not match:
                raise self._error(f"{truncate(text[place:].strip(), 20)} cannot be part of a type")
            kind = str(match.lastgroup)
            tokens.append((kind, match[kind]))
            place = match.end()
        return tokens

    def _error(self, reason: str) -> InvalidInput:
        meant = meant_type(self._text)
        why = f"write {meant}" if meant else reason
        return InvalidInput(f"{truncate(self._text)} is not a CQL type: {why}{'' if why.endswith('?') else '.'}")
