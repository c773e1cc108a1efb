# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be counted of the English of a text: long sentences, words to avoid, spelling, C(which) without a comma.

The rest is read aloud. Run it over the repository: C(python -m english).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST = 32

# Words of the first edition, and of nobody's field; each with what to write.
AVOIDED = {
    r"in so many words": "explicitly",
    r"look(s|ed)? (whether|at|through)": "check, read",
    r"leaps?": "preflight",
    r"the way it is believed|is believed": "predicts",
    r"(the )?ghosts?\b": "stale peer",
    r"excused": "ignored",
    r"wishe[sd]|wish\b": "request",
    r"manners": "request options",
    r"comeback": "wait",
    r"found out by looking": "read",
    r"so that one can": "to",
    r"anew": "again",
    r"in order to": "to",
    r"please": "nothing",
    r"simply|easily|just\b": "nothing",
    r"utili[sz]e\w*": "use",
    r"e\.g\.|i\.e\.": "for example, that is",
}
BRITISH = {
    r"\b(colour|behaviour|favour|honour|neighbour)\w*": "-or",
    r"\b(normalis|organis|recognis|serialis|initialis|summaris|optimis|authoris|customis)\w*": "-ize",
    r"\b(licence|licences)\b(?!s/)": "license",
    r"\bcentre|catalogue|cancelled|labelled|travelled|analyse": "American spelling",
}
_WHICH = re.compile(r"(\S+) which (\S+)", re.IGNORECASE)
# After these it asks a question or follows a preposition, and is right.
_BEFORE_WHICH = re.compile(
    r".*[,(:;-]|in|of|by|to|on|at|and|or|for|from|with|after|before|under|into|through|about|until|since|within|"
    r"says?|said|notes?|know|knows|known|tells?|told|shows?|sees?|decides?|names|matter|asks|choose|states?|clear",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\b[CVOIBMEPRLU]{1,2}\(([^()]*(?:\([^()]*\))?[^()]*)\)|`{1,2}[^`]*`{1,2}(?:_)?|:\w+:`[^`]*`|https?://\S+"
)


class Finding(NamedTuple):
    """One thing to correct."""

    place: str
    text: str
    reason: str


def check(place: str, text: str) -> Iterator[Finding]:
    """What is wrong with a text in plain English; code in it is taken for one word."""
    prose = _MARKUP.sub("code", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text))
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"']|code\b)|\n\s*\n|(?<=:)\s*\n|\n\s*(?=- )", prose):
        words = re.findall(r"[\w'/-]+", sentence)
        short = " ".join(sentence.split())[:110]
        if len(words) > LONGEST:
            yield Finding(place, short, f"{len(words)} words in a sentence")
        for pattern, better in {**AVOIDED, **BRITISH}.items():
            found = re.search(rf"\b(?:{pattern})\b", sentence, re.IGNORECASE)
            if found:
                yield Finding(place, short, f"{found.group(0)!r}: write {better}")
        if any(not _BEFORE_WHICH.fullmatch(found.group(1)) for found in _WHICH.finditer(sentence)):
            yield Finding(place, short, "'which' without a comma: write 'that'")


def texts(root: Path = REPOSITORY) -> Iterator[tuple[str, str]]:
    """All prose that a user of the collection reads, with its place."""
    for path in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "roles").rglob("*.md")]):
        yield from _blocks(path, re.sub(r"```.*?```|<!--.*?-->", "", path.read_text(), flags=re.DOTALL))
    for path in sorted((root / "docs").rglob("*.rst")):
        yield from _blocks(
            path, re.sub(r"(?m)^\.\. .*\n(?:\n?(?:   .*\n|\n))*|::\n\n(?:   .*\n|\n)+", "", path.read_text())
        )
    for path in sorted((root / "plugins").rglob("*.py")):
        yield from _python(path)
    for path in sorted([*(root / "plugins").rglob("*.yml"), *(root / "roles").rglob("meta/argument_specs.yml")]):
        yield from _documentation(_place(path), yaml.safe_load(path.read_text()))
    for path in sorted([*(root / "roles").rglob("tasks/*.yml"), *(root / "playbooks").glob("*.yml")]):
        yield from _tasks(_place(path), yaml.safe_load(path.read_text()))


def _place(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _blocks(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if not re.match(r"\s*(\||[=~\-^\"*+#]{3,}|#|\.\. )", line)]
        for entry in re.split(r"\n(?=\s*[-*] |\s*\d+\. )", "\n".join(lines)):
            if entry.strip():
                yield _place(path), entry
        for line in block.splitlines():
            if line.strip().startswith("|"):
                yield from ((_place(path), cell) for cell in re.split(r"(?<!\\)\|", line) if cell.strip())


def _python(path: Path) -> Iterator[tuple[str, str]]:
    """Documentation as YAML, docstrings, and each literal that reads like a sentence."""
    tree = ast.parse(path.read_text())
    documented: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id[0].isupper():
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and "\n" in value.value:
                documented.add(value)
                if "EXAMPLES" not in node.targets[0].id:
                    yield from _documentation(_place(path), yaml.safe_load(value.value))
    documented |= {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented:
            # A program, a pattern or a list of words is no sentence.
            if len(node.value.split()) > 3 and re.search(r"[.!?]\Z", node.value.strip()):
                yield f"{_place(path)}:{node.lineno}", node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [str(one.value) if isinstance(one, ast.Constant) else "code" for one in node.values]
            yield f"{_place(path)}:{node.lineno}", "".join(parts)


def _documentation(place: str, data: Any) -> Iterator[tuple[str, str]]:
    """Each description, note and title, however deep."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("description", "short_description", "notes", "details", "reason"):
                yield from ((place, str(text)) for text in (value if isinstance(value, list) else [value]))
            elif key not in ("sample", "default", "EXAMPLES"):
                yield from _documentation(place, value)
    elif isinstance(data, list):
        for entry in data:
            yield from _documentation(place, entry)


def _tasks(place: str, data: Any) -> Iterator[tuple[str, str]]:
    """Names and messages of tasks, of plays and of the blocks in them."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("name", "msg", "fail_msg", "success_msg") and isinstance(value, str):
                yield place, re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "code", value, flags=re.DOTALL)
            else:
                yield from _tasks(place, value)
    elif isinstance(data, list):
        for entry in data:
            yield from _tasks(place, entry)


def findings(root: Path = REPOSITORY) -> list[Finding]:
    """Everything that is wrong in the repository."""
    return [finding for place, text in texts(root) for finding in check(place, text)]


if __name__ == "__main__":
    found = findings()
    for one in found:
        print(f"{one.place}: {one.reason}\n    {one.text}")
    sys.exit(bool(found))
