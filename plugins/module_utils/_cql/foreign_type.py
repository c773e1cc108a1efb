# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to write for a type that other databases and languages have and CQL has not; pure."""

from __future__ import annotations

import re

from .cql_type import ALIASES, NATIVES

_MEANT = {
    name: meant
    for meant, names in {
        "text": """string str char nchar nvarchar varchar2 nvarchar2 character varying bpchar tinytext mediumtext longtext
            ntext citext clob nclob enum json jsonb xml url email slug symbol keyword""",
        "timestamp": "datetime datetime2 smalldatetime datetimeoffset timestamptz instant utcdatetime",
        "boolean": "bool bit",
        "tinyint": "byte sbyte uint8",
        "smallint": "short int16 int2 smallinteger year",
        "int": "integer int32 int4 mediumint uint16 positiveinteger",
        "bigint": "long int64 longlong uint32 biginteger",
        "varint": "uint64 int128 hugeint bignum",
        "bigint (PostgreSQL's int8) or tinyint (8 bits)": "int8",
        "int, bigint, double or decimal": "number num",
        "decimal": "numeric dec money smallmoney bigdecimal",
        "float": "float4 float32 real single",
        "double": "float8 float64 double_precision",
        "blob": "binary varbinary bytea bytes bytearray image tinyblob mediumblob longblob raw buffer",
        "uuid": "guid uniqueidentifier objectid uuid4",
        "timeuuid": "uuid1",
        "time": "timetz localtime",
        "date": "localdate",
        "duration": "interval timedelta",
        "inet": "ip ipaddress ipv4 ipv6 cidr",
        "list<text>, with the type of its elements": "list array",
        "set<text>, with the type of its elements": "set",
        "map<text, text>, with the types of its keys and values": "map object dict hash hstore dictionary",
        "tuple<text, int>, with the types of its parts, or a user-defined type": "tuple struct record row",
        "vector<float, 3>, with the type of its elements and how many it has": "vector",
    }.items()
    for name in names.split()
}
_MEANT.update({"double precision": "double", "character varying": "text", "bit varying": "blob"})
_MEANT.update({"timestamp with time zone": "timestamp", "timestamp without time zone": "timestamp"})
_COUNTED = frozenset("serial bigserial smallserial autoincrement auto_increment identity rowid sequence".split())
_ARRAY = re.compile(r"(?P<inner>.+)\[\d*\]|array<(?P<element>.+)>")
_BRACKETS = re.compile(r"(?P<name>[a-z]+)\[(?P<inner>.+)\]")
_SIZED = re.compile(r"(?P<name>[a-z][a-z0-9_ ]*?)\s*\([^()]*\)")
_PARAMETRIC = {"list": "list", "set": "set", "map": "map", "dict": "map", "tuple": "tuple", "vector": "vector"}


def meant_type(text: str) -> str | None:
    """What to write for C(text), as the end of a sentence; None if that is not known."""
    text = text.strip().lower()
    array, brackets, sized = _ARRAY.fullmatch(text), _BRACKETS.fullmatch(text), _SIZED.fullmatch(text)
    if array:
        return f"list<{_simple(array['inner'] or array['element'])}>"
    if brackets and brackets["name"] in _PARAMETRIC:
        inner = ", ".join(_simple(one) for one in brackets["inner"].split(","))
        return f"{_PARAMETRIC[brackets['name']]}<{inner}>"
    if text in _COUNTED:
        return "uuid or timeuuid, and let the application make the values: Cassandra has none that counts rows"
    name = sized and _simple(sized["name"])
    if sized and (name in NATIVES or name != sized["name"]):
        return f"{name}: it has no length or precision"
    return _MEANT.get(text)


def _simple(name: str) -> str:
    """The name of the type in CQL, or the name itself."""
    name = name.strip()
    sized = _SIZED.fullmatch(name)
    name = sized["name"] if sized else name
    return ALIASES.get(name, _MEANT.get(name, name))
