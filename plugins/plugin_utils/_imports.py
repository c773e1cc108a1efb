# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Imports from the collection with Python's cache of compiled files.

Ansible's own importer compiles each file of a collection whenever a play loads it, which takes a tenth of an empty play.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

_PLUGINS = __name__.partition(".plugin_utils.")[0]
_ROOMS = tuple(f"{_PLUGINS}.{room}." for room in ("module_utils", "modules", "filter"))
_FILTERS = Path(__file__).resolve().parents[1] / "filter"


class _Finder:
    """Finds the files of these folders as Python does; all else is left to the finders after it."""

    @staticmethod
    def find_spec(name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        if not name.startswith(_ROOMS):
            return None
        return _folder(path[0]).find_spec(name)


@functools.cache
def _folder(path: str) -> FileFinder:
    return FileFinder(path, (SourceFileLoader, SOURCE_SUFFIXES))


@contextlib.contextmanager
def compiled() -> Iterator[None]:
    """Within this, what is imported from the rooms of the collection comes from Python's cache."""
    finder: Any = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def import_filters() -> None:
    """Import the files of all filters, which Ansible loads in each worker that uses one: it finds them in its parent then."""
    with compiled():
        for path in sorted(_FILTERS.glob("*.py")):
            importlib.import_module(f"{_PLUGINS}.filter.{path.stem}")


def import_main(module: str) -> Callable[[], None]:
    """The C(main) of one of the collection's modules."""
    with compiled():
        main: Callable[[], None] = importlib.import_module(f"{_PLUGINS}.modules.{module}").main
    return main
