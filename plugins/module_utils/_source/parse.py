# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the syntax tree of a file, or says why this Python cannot: pure."""

from __future__ import annotations

import ast
import re
import sys
import warnings

from .._errors import InvalidInput
from .text import Text

_NEWER_SYNTAX = (
    (r"\s*(match|case)\b.*:", "match", (3, 10)),
    (r"\s*except\s*\*", "except*", (3, 11)),
    (r"\s*type\s+\w+.*=", "type", (3, 12)),
    (r"\s*(class|def|async\s+def)\s+\w+\s*\[", "type parameters", (3, 12)),
)


def parse(text: Text, path: str) -> ast.Module:
    """The tree of a file; raises InvalidInput where it does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.source)
            # Some errors are found by the compiler alone, such as a return outside of a function.
            compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise InvalidInput(
            f"{path} is no valid Python source for Python {sys.version_info[0]}.{sys.version_info[1]}, which runs this "
            f"module{f' (line {line})' if line else ''}: {error.args[0]}.{_newer_syntax(text, line)}"
        ) from error
    except (RecursionError, MemoryError) as error:
        raise InvalidInput(f"{path} has an expression that is nested too deeply for Python's parser.") from error
    return tree


def _newer_syntax(text: Text, line: int | None) -> str:
    source = text.lines[line - 1] if line and line <= len(text.lines) else ""
    for pattern, name, version in _NEWER_SYNTAX:
        if sys.version_info < version and re.match(pattern, source):
            return (
                f" The syntax of {name} needs Python {version[0]}.{version[1]}: "
                "set ansible_python_interpreter to the Python of the application."
            )
    return ""
