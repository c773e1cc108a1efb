# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a name means, once for every option of every plugin, and how it is quoted in CQL.

- C(created_at) and C(Created_At) are the same: letters, digits and C(_) fold to lower case, as in every CQL console.
- A name with anything else in it (C(Größe), C(my column), C(2nd)) needs quotes in CQL: it gets them here, and its case is kept.
- A name in double quotes is taken exactly, C("CreatedAt"), with each inner double quote doubled, as CQL does.
- Reserved words (C(order)) need no quotes from the user: they get them here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import InvalidInput

# The native protocol carries a column's name as a [string] with a 16-bit length: Cassandra 3.11 to 5.0 accept longer
# names, and then every SELECT * of the table breaks.
MAX_BYTES = 65535

# From here on two names are likely to be one and its typing error: txt and text, adr and addr.
_SIMILAR = 0.6

_REGULAR = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
_QUOTED = re.compile(r'"(?:[^"]|"")*"\Z')

# The words that Cassandra 3.11 to 6.0 (Parser.g) refuse without quotes as a name, or as the name of a type (the last
# line), all versions together: a word too many costs two quotes.
RESERVED = frozenset(
    """
    add allow alter and apply asc authorize batch begin by check columnfamily constraint create default delete desc
    describe drop entries execute from full grant if in index infinity insert into is keyspace limit materialized mbean
    mbeans modify nan norecursive not null of on or order primary rename replace revoke schema select set table to
    token truncate unlogged unset update use using view where with
    cast count distinct json maxwritetime ttl writetime
    """.split()
)


def parse_name(text: str, what: str = "name") -> str:
    """The name as the server stores it; raises InvalidInput, calling it C(what), if there is none."""
    if not isinstance(text, str):
        is_unquoted = isinstance(text, (bool, int, float))
        hint = " Put it in quotes: without them YAML takes it for another kind of value." if is_unquoted else ""
        raise InvalidInput(f"The {what} must be text, got {text!r}.{hint}")
    if _QUOTED.match(text):
        name = unquote(text)
    elif '"' in text:
        raise InvalidInput(
            f"The {what} {truncate(text)} has a double quote in it: write the whole name in double quotes "
            'and double each one inside, as CQL does ("a""b" is the name a"b).'
        )
    elif text != text.strip():
        raise InvalidInput(
            f"The {what} {truncate(text)} begins or ends with white space: remove it, or write the name in double quotes."
        )
    else:
        name = text.lower() if _REGULAR.match(text) else text
    return _checked(name, what)


def parse_names(given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The values by their names as the server stores them; raises InvalidInput, also for two spellings of one name."""
    found: dict[str, Any] = {}
    for text, value in given.items():
        name = parse_name(text, what)
        if name in found:
            raise InvalidInput(f"The {what} {display_name(name)} is given twice, in two spellings.")
        found[name] = value
    return found


def quote(name: str) -> str:
    """The stored name as CQL text: quoted only if the server would read it differently without quotes."""
    if _PLAIN.match(name) and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def unquote(text: str) -> str:
    """The stored name that the server writes like this, with quotes or without."""
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def display_name(name: str) -> str:
    """The stored name as a user of this collection writes it, so that it can be copied into an option."""
    return name if name in RESERVED else quote(name)


def close_matches(wanted: str, names: Iterable[str]) -> list[str]:
    """The names, the most similar first, for a message that helps to find a typing error."""

    def distance(name: str) -> tuple[float, str]:
        return -difflib.SequenceMatcher(None, wanted.lower(), name.lower()).ratio(), name

    return sorted(names, key=distance)


def nearest(wanted: str, names: Iterable[str]) -> str | None:
    """The name that C(wanted) most likely is a typing error of, or None."""
    for name in close_matches(wanted, names)[:1]:
        if difflib.SequenceMatcher(None, wanted.lower(), name.lower()).ratio() >= _SIMILAR:
            return name
    return None


def yaml_name(name: str) -> str:
    """The stored name as it stands in YAML, which takes a pair of quotes away before CQL sees them."""
    shown = display_name(name)
    return "'" + shown.replace("'", "''") + "'" if shown.startswith('"') else shown


def truncate(value: object, limit: int = 60) -> str:
    """What was given, for a message: a text is quoted by repr, and all is cut if it is long."""
    text = value if isinstance(value, str) else f"{value}"
    quoted = repr(text[:limit]) if isinstance(value, str) else text[:limit]
    return quoted if len(text) <= limit else f"{quoted}... ({len(text)} characters)"


def _checked(name: str, what: str) -> str:
    if not name:
        raise InvalidInput(f"The {what} is empty.")
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidInput(f"The {what} {truncate(name)} cannot be written in UTF-8.") from None
    if size > MAX_BYTES:
        raise InvalidInput(
            f"The {what} {truncate(name)} is {size} bytes long: names over {MAX_BYTES} bytes make the table unreadable."
        )
    return name
