# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated column types, for property tests with and without a server."""

from __future__ import annotations

from hypothesis import strategies as st

NATIVES = (
    "ascii bigint blob boolean date decimal double float inet int smallint text time timestamp timeuuid tinyint uuid "
    "varchar varint"
).split()
SPACES = st.sampled_from(["", " ", "\n", "\t "])


def cql_types(user_types: tuple[str, ...] = (), vectors: bool = False, depth: int = 3) -> st.SearchStrategy[str]:
    """Texts of types which a server accepts for a column, in any spacing and case."""
    return _spelled(st.one_of(_single(user_types), _multi_cell(user_types, vectors, depth)))


def _single(user_types: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([*NATIVES, "duration", *user_types])


def _inner(user_types: tuple[str, ...], vectors: bool, depth: int) -> st.SearchStrategy[str]:
    """A type which may stand inside another: what could have cells of its own is frozen."""
    leaves = st.sampled_from([*NATIVES, *(f"frozen<{name}>" for name in user_types)])
    if depth == 0:
        return leaves
    nested = _multi_cell(user_types, vectors, depth - 1)
    return st.one_of(
        leaves, nested.map(lambda text: text if text.startswith(("tuple", "vector")) else f"frozen<{text}>")
    )


def _multi_cell(user_types: tuple[str, ...], vectors: bool, depth: int) -> st.SearchStrategy[str]:
    inner = _inner(user_types, vectors, depth)
    kinds = [
        st.builds("list<{}>".format, inner),
        st.builds("set<{}>".format, inner),
        st.builds("map<{},{}>".format, inner, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: f"tuple<{','.join(some)}>"),
    ]
    if vectors:
        kinds.append(st.builds("vector<{},{}>".format, inner, st.integers(1, 16)))
    return st.one_of(kinds)


@st.composite
def _spelled(draw: st.DrawFn, types: st.SearchStrategy[str]) -> str:
    text = draw(types)
    for sign in "<>,":
        text = text.replace(sign, draw(SPACES) + sign + draw(SPACES))
    return draw(st.sampled_from([text, text.upper()])) if '"' not in text else text
