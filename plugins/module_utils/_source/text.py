# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python file as lines that keep their ends, so that what is not touched stays byte for byte, and as a tree: pure."""

from __future__ import annotations

import ast
import functools
import io
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidInput

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Text:
    """The lines, each with its own end, and the encoding that the file declares (PEP 263, or a byte order mark)."""

    lines: tuple[str, ...]
    encoding: str

    @property
    def source(self) -> str:
        """All lines as one text."""
        return "".join(self.lines)

    def encode(self) -> bytes:
        """The file."""
        return self.source.encode(self.encoding)


def read_text(content: bytes, path: str) -> Text:
    """The text of a file; raises InvalidInput if it is no text in the encoding it declares."""
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = split_lines(content.decode(encoding), encoding)
        same = text.encode() == content
    except (SyntaxError, ValueError, LookupError) as error:
        raise InvalidInput(f"{path} cannot be read as Python source: {error}.") from error
    if not same:
        raise InvalidInput(f"{path} cannot be written back byte for byte in its encoding {encoding}: use UTF-8.")
    return text


def split_lines(source: str, encoding: str) -> Text:
    """The source in lines as Python counts them: str.splitlines would also split at a form feed."""
    return Text(tuple(io.StringIO(source, newline="")), encoding)


# The classes of a file ask for it one after the other.
@functools.lru_cache(maxsize=4)
def comment_lines(text: Text) -> tuple[int, ...]:
    """The numbers, from 1, of the lines with nothing but a comment, outside of brackets and of continued lines."""
    # The tokenizer of some versions does not know a lone carriage return as the end of a line.
    lines = iter([line.rstrip("\r\n") + "\n" for line in text.lines])
    found, depth, before = [], 0, tokenize.NEWLINE
    for token in tokenize.generate_tokens(lambda: next(lines, "")):
        if token.type == tokenize.COMMENT and before in _LAYOUT and depth == 0:
            found.append(token.start[0])
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        before = token.type
    return tuple(found)


def at(lines: Iterable[int]) -> str:
    """The lines as words of a sentence."""
    numbers = sorted(set(lines))
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def parse(text: Text, path: str) -> ast.Module:
    """The tree of a file; raises InvalidInput if it does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.source)
            # Some errors are found by the compiler alone, such as a return outside of a function.
            compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        version = ".".join(map(str, sys.version_info[:2]))
        raise InvalidInput(
            f"{path} is no valid Python source for Python {version}, which runs this module{line}: {error.args[0]}. If "
            "the application needs a newer Python, set ansible_python_interpreter to that one."
        ) from error
    return tree


def parse_code(code: str) -> list[ast.stmt]:
    """The statements of a piece of code, none if it is no code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def evaluated(*roots: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run in the scope of the roots: not the bodies of functions, lambdas, classes and comprehensions."""
    stack = [*reversed(roots)]
    while stack:
        node = stack.pop()
        yield node
        children = [*ast.iter_child_nodes(node)]
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            children = [child for child in children if not isinstance(child, ast.stmt)]
        elif isinstance(node, ast.Lambda):
            children = [node.args]
        elif isinstance(node, _COMPREHENSIONS):
            children = [node.generators[0].iter]
        stack.extend(reversed(children))


def bindings(*statements: ast.stmt) -> Iterator[tuple[str, int, ast.stmt]]:
    """Each name that the statements bind in their own scope, its line, and the statement."""
    for statement in statements:
        line = statement.lineno
        for one in evaluated(statement):
            # Python 3.9 gives no line to a name that is imported: that of its statement came just before.
            line = getattr(one, "lineno", line)
            yield from ((name, line, statement) for name in _bound_names(one))


def _bound_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.split(".")[0]]
    # Functions, classes, except clauses, global names, and the patterns of match, which Python 3.9 does not know.
    found = (getattr(node, "name", None), getattr(node, "rest", None), *getattr(node, "names", ()))
    return [name for name in found if isinstance(name, str)]


def dotted(node: Any) -> str | None:
    """The text of a name with attributes, such as C(columns.Text), or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else None
