# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is wrong with a text that is no YAML, and what to write; pure.

A parser says at which character it gave up. The mistake is often earlier. The values may be secrets, so none is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A line and a column, both from 0 on."""

    line: int
    column: int


class Fault(NamedTuple):
    """Where the parser gave up, its C(problem), and in what it was: C(context), which begins at C(begun)."""

    problem: str
    at: Place
    context: str
    begun: Place


_NO_SPACE = re.compile(r"\s*(?:- )?[\w-]+:[^\s:/]")
QUOTE = "Put the whole value in quotes."
_BRACKETS = {"mapping": "brace {", "sequence": "bracket ["}


def explain(text: str, fault: Fault) -> str:
    """The line, what is wrong there, and what to do."""
    lines = [*text.split("\n"), ""]
    for word, tell in _TELLS.items():
        if word in fault.problem:
            place, sentence = tell(lines, fault)
            return f"line {place.line + 1}, column {place.column + 1}: {sentence}"
    problem = re.sub(r"'[^']{2,}'", "...", fault.problem)
    return f"line {fault.at.line + 1}, column {fault.at.column + 1}: {problem}."


def _character(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    found = lines[fault.at.line][fault.at.column : fault.at.column + 1]
    if found == "\t":
        return fault.at, "there is a tab. Write spaces instead, since YAML takes no tabs here."
    return fault.at, f"a value cannot begin with {found or 'this character'} in YAML. {QUOTE}"


def _no_colon(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    if _NO_SPACE.match(lines[fault.begun.line]):
        return fault.begun, "write a space after the colon, as in 'table: orders'."
    return fault.begun, "there is no colon. Write a key, a colon, a space and the value, as in 'table: orders'."


def _nested(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    """A key where a value is: a second colon in the line, or a line that belongs to the one before."""
    if ": " in lines[fault.at.line][: fault.at.column]:
        return fault.at, f"a colon and a space within a value begin another key. {QUOTE}"
    before = next(number for number in (*range(fault.at.line - 1, -1, -1), 0) if lines[number].strip())
    if _NO_SPACE.match(lines[before]):
        return Place(before, 0), "write a space after the colon, as in 'table: orders'."
    return (
        Place(fault.at.line, _indent(lines[fault.at.line])),
        f"the line is indented further than line {before + 1}, which has a value already. Keys that belong together begin in "
        "the same column.",
    )


def _unclosed_quote(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    return fault.begun, "the quote that begins here is not closed."


def _in_brackets(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    if fault.at.line != fault.begun.line:
        kind = next((word for key, word in _BRACKETS.items() if key in fault.context), "bracket")
        return fault.begun, f"the {kind} that begins here is not closed."
    return fault.at, f"a comma is missing before this, or it belongs to the value. {QUOTE[:-1]}, or write a comma."


def _end(lines: Sequence[str], fault: Fault) -> tuple[Place, str]:
    line = lines[fault.at.line]
    if line[fault.at.column : fault.at.column + 1] in ("]", "}"):
        return fault.at, f"{line[fault.at.column]} closes nothing here. Remove it, or write what it closes."
    if line[: fault.at.column].rstrip().endswith(('"', "'")):
        return fault.at, f"there is text after the quote that ends the value. {QUOTE}"
    column = fault.begun.column + 1
    if "collection" in fault.context:
        return (
            fault.at,
            f"each item of the list that begins in line {fault.begun.line + 1} begins with '- ' in column {column}. Keys of one "
            "item begin in the same column.",
        )
    return (
        fault.at,
        f"the keys of the dictionary that begins in line {fault.begun.line + 1} begin in column {column}. Begin this line there "
        "too.",
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _here(sentence: str) -> Callable[[Sequence[str], Fault], tuple[Place, str]]:
    return lambda lines, fault: (fault.at, sentence)


# By a part of what PyYAML 6.0 says of its problem. With other words those are what is told.
_TELLS: dict[str, Callable[[Sequence[str], Fault], tuple[Place, str]]] = {
    "cannot start any token": _character,
    "could not find expected ':'": _no_colon,
    "mapping values are not allowed": _nested,
    "unexpected end of stream": _unclosed_quote,
    "expected ',' or": _in_brackets,
    "expected <block end>": _end,
    "undefined alias": _here(
        f"a value that begins with * repeats another one, and there is none of this name. {QUOTE}"
    ),
    "unknown escape character": _here("between double quotes a backslash has a meaning of its own. Use single quotes."),
    "another document": _here("a second document begins. Write a file for each migration."),
    "chomping": _here("text stands after | or >. Begin it in the next line, indented, or put it in quotes."),
}
