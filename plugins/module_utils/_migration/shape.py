# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a section of the migration file against a spec: what is wrong is told by its shape, never by its value; pure.

A value may be a secret wherever it stands: a password in the wrong place is one too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._cql.identifier import nearest, truncate
from .._schema.planning.entry import FALSE, TRUE

Spec = Mapping[str, Any]

_WANTED = {
    "str": "text",
    "path": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a dictionary",
}
# How YAML wants what was likely to be meant.
_WRITTEN = {
    ("list", "a dictionary"): " Begin each of its items with a dash and a space, as in '- name: a'.",
    ("list", "text"): " Begin each of its items with a dash and a space, as in '- name: a'.",
    ("dict", "text"): " Write a colon and a space between a key and its value, as in 'name: a'.",
}


def shape(value: Any) -> str:
    """What kind of thing a value is, in words, without the value."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, Mapping):
        return "a dictionary"
    return "a list" if isinstance(value, (list, tuple)) else "text"


def mistakes(given: Mapping[str, Any], spec: Spec, place: str, hints: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each key that no option has and each value that is not of its option's type, at any depth.

    C(hints) says where some keys belong.
    """
    known = sorted(with_aliases(spec))
    for key in map(str, given):
        if key not in known:
            similar = nearest(key, known)
            meant = f"Did you mean '{place}{similar}'?" if similar else f"Known here are: {', '.join(known)}."
            yield f"'{place}{_name(key)}' is unknown. {hints.get(key) or meant}"
    for key, option in spec.items():
        names = [name for name in (key, *option.get("aliases", ())) if name in given]
        if option.get("required") and not names:
            yield f"'{place}{key}' is missing."
        if len(names) > 1:
            yield f"'{place}{names[0]}' and '{place}{names[1]}' are the same option. Leave one of them out."
        for name in names:
            yield from value_mistakes(given[name], option, f"{place}{name}", hints)


def optional(spec: Spec) -> Spec:
    """The options, of which none has to be given, at any depth."""
    return {
        name: {
            **option,
            "required": False,
            **({"options": optional(option["options"])} if option.get("options") else {}),
        }
        for name, option in spec.items()
    }


def with_aliases(spec: Spec) -> list[str]:
    """All names of the options of a spec."""
    return [name for key, option in spec.items() for name in (key, *option.get("aliases", ()))]


def by_name(given: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    """The options without aliases: where dictionaries are merged, the alias of one would count more than the name of another."""
    names = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    return {names.get(key, key): value for key, value in given.items()}


def value_mistakes(value: Any, option: Spec, place: str, hints: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each mistake of a value, at any depth; an empty dictionary, unless it is an item, was left out."""
    wanted = option.get("type", "str")
    if value is None:
        return
    # Ansible splits a text at its commas, unless the elements are dictionaries.
    splits = wanted == "list" and option.get("elements") != "dict" and isinstance(value, (str, int, float))
    if not _fits(value, wanted) and not splits:
        hint = _WRITTEN.get((wanted, shape(value)), "")
        yield f"'{place}' must be {_WANTED[wanted]}, not {shape(value)}.{hint}"
        return
    choices = option.get("choices")
    if choices and value not in choices:
        similar = nearest(str(value), map(str, choices))
        yield f"'{place}' is one of {', '.join(map(str, choices))}.{f' Did you mean {similar}?' if similar else ''}"
    if wanted == "dict" and option.get("options") and isinstance(value, Mapping) and (value or option.get("is_item")):
        yield from mistakes(value, option["options"], f"{place}." if place else "", hints)
    if wanted == "list" and isinstance(value, (list, tuple)):
        element = {"type": option.get("elements", "raw"), "options": option.get("options"), "is_item": True}
        for number, one in enumerate(value, start=1):
            # An item is there, even if nothing stands behind its dash.
            yield from value_mistakes("" if one is None else one, element, f"{place}[{number}]", hints)


def _fits(value: Any, wanted: str) -> bool:
    if wanted in ("str", "path"):
        return not isinstance(value, (Mapping, list, tuple))
    if wanted == "bool":
        return isinstance(value, bool) or str(value).lower() in (*TRUE, *FALSE)
    if wanted in ("int", "float"):
        return _is_number(value, float if wanted == "float" else int)
    if wanted == "list":
        return isinstance(value, (list, tuple))
    return isinstance(value, Mapping) if wanted == "dict" else True


def _is_number(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return bool(kind(value) == float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _name(text: str) -> str:
    """A key as it may be shown: keys are names, and one that is no name may be a value."""
    return text if text.replace("_", "").replace("-", "").isalnum() and len(text) < 40 else truncate(text, 20)
