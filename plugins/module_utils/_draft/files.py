# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python files that import each other: what the names of one stand for, as far as their own texts tell."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import InvalidInput
from .._source.find import ClassFound, class_of, read_classes
from .._source.text import dotted, evaluated, read_text

# The driver, that of DataStax Enterprise, and what gives their classes other names.
ENGINES = ("cassandra.cqlengine.", "dse.cqlengine.", "django_cassandra_engine.", "flask_cqlalchemy.")
NATIVE = "Ascii BigInt Blob Boolean Bytes Counter Date DateTime Decimal Double Duration Float Inet Integer SmallInt Text".split()
NATIVE += "Time TimeUUID TinyInt UUID VarInt".split()
CLASSES = (*NATIVE, "Set", "List", "Map", "Tuple", "UserDefinedType")
_OF_A_STAR = {
    "columns": CLASSES,
    "models": ("Model", "DjangoCassandraModel", "columns"),
    "usertype": ("UserType", "columns"),
}
_MOST_IMPORTS, _MOST_FOLDERS = 8, 6


class File:
    """A file with its classes; C(names) are what it gives a name once: the full name of an import, a constant, or None."""

    def __init__(self, path: str, content: bytes, files: Files) -> None:
        self.path, self.files, self.text = path, files, read_text(content, path)
        self.tree, self.classes = read_classes(self.text, path)
        self.names: dict[str, str | ast.Constant | None] = {}
        self.stars: list[str] = []
        self._read_names()

    def found(self, name: str) -> ClassFound:
        """The class of that name; raises FieldUnclear."""
        return class_of(self.text, self.tree, self.classes, name, self.path)

    def lookup(self, name: str, imports: int = 0) -> tuple[File | None, str]:
        """The file that gives the name its meaning, and its name there; no file and the full name of what none was found for."""
        head, dot, rest = name.partition(".")
        meaning = self.names.get(head)
        full = f"{meaning if isinstance(meaning, str) else head}{dot}{rest}"
        if full.startswith(ENGINES) or imports > _MOST_IMPORTS:
            return None, full
        if full.partition(".")[0] in self.classes or isinstance(self.names.get(full), ast.Constant):
            return self, full
        for module, inner in _splits(full) if isinstance(meaning, str) else [(star, name) for star in self.stars]:
            file = self.files.module(self.path, module)
            seen = file.lookup(inner, imports + 1) if file else (None, full)
            if seen[0] or seen[1].startswith(ENGINES):
                return seen
        return None, full

    def value(self, node: ast.expr | None) -> Any:
        """The value of a literal or of a name that stands for one; raises ValueError for anything else."""
        file, name = self.lookup(dotted(node) or "")
        known = file.names.get(name) if file else node
        if isinstance(known, ast.Constant):
            return known.value
        raise ValueError("its value is known to a run only")

    def _read_names(self) -> None:
        nodes, twice = [*evaluated(*self.tree.body)], set()
        starred: set[str] = set()
        # What stands below C(except) counts if the import above it failed.
        fallbacks = {one for node in nodes if isinstance(node, ast.ExceptHandler) for one in ast.walk(node)}
        for node in nodes:
            for name, meaning in _given(node, self.names):
                if name == "*":
                    names = (
                        _OF_A_STAR.get(str(meaning).rpartition(".")[2], ()) if str(meaning).startswith(ENGINES) else ()
                    )
                    self.names.update({name: f"{meaning}.{name}" for name in names})
                    starred.update(names)
                    self.stars.append(str(meaning))
                elif node not in fallbacks or name not in self.names:
                    if self.names.get(name, meaning) != meaning and name not in starred:
                        twice.add(name)
                    starred.discard(name)
                    self.names[name] = meaning
        # A name that is given two meanings has none.
        self.names.update(dict.fromkeys(twice))


class Files:
    """The files by their paths, each read once; C(read) returns the content of a path, or None without a file there."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._known: dict[str, File | None] = {}

    def file(self, path: str) -> File | None:
        """The file; raises InvalidInput if it is no Python."""
        if path not in self._known:
            content = self._read(path)
            self._known[path] = None if content is None else File(path, content, self)
        return self._known[path]

    def module(self, path: str, name: str) -> File | None:
        """What the file of that path imports by that name: next to it, or below one of the folders around it."""
        dots = len(name) - len(name.lstrip("."))
        folder = posixpath.dirname(path)
        folders: list[str] = []
        while len(folders) <= max(dots, _MOST_FOLDERS) and folder not in folders:
            folders.append(folder)
            folder = posixpath.dirname(folder)
        for one in folders[dots - 1 : dots] if dots else folders:
            place = posixpath.join(one, *filter(None, name.lstrip(".").split(".")))
            for candidate in (f"{place}.py", posixpath.join(place, "__init__.py")):
                try:
                    file = self.file(posixpath.normpath(candidate))
                except InvalidInput:
                    continue
                if file:
                    return file
        return None


def _splits(full: str) -> Iterator[tuple[str, str]]:
    """The ways to read a full name as a module and a name of it, the longest module first."""
    dots = len(full) - len(full.lstrip("."))
    parts = full[dots:].split(".")
    for end in range(len(parts) - 1, -1 if dots else 0, -1):
        yield "." * dots + ".".join(parts[:end]), ".".join(parts[end:])


def _given(node: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The names that a statement gives a meaning; an asterisk with a module stands for all names of that."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # C(import a.b) binds a, and C(import a.b as c) binds c to a.b.
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            full = f"{module}{'' if module.endswith('.') else '.'}{alias.name}"
            yield (alias.name, module) if alias.name == "*" else (alias.asname or alias.name, full)
    elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        yield node.name, None
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        is_call, value = isinstance(node.value, ast.Call), node.value
        head, dot, rest = (dotted(getattr(value, "func", value)) or "").partition(".")
        full = f"{names.get(head) or head}{dot}{rest}"
        # The object of flask_cqlalchemy has the classes as its attributes.
        meaning = "flask_cqlalchemy" if full == "flask_cqlalchemy.CQLAlchemy" else "" if is_call else full
        yield node.targets[0].id, value if isinstance(value, ast.Constant) else meaning or None
