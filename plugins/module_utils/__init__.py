# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a controller imports the collection. Ansible compiles its files at every start, which takes a tenth of an empty play.

The process of a module never sees this: there Ansible puts an empty file in its place.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader

_PLUGINS = __name__.rpartition(".")[0]
_FOLDERS = tuple(f"{_PLUGINS}.{name}." for name in ("filter", "module_utils", "modules", "plugin_utils"))


class _Finder:
    """Finds files of these folders as Python does, with its cache of compiled ones; all else is for the finders after it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: object = None) -> ModuleSpec | None:
        if not path or not name.startswith(_FOLDERS):
            return None
        return FileFinder(path[0], (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)


if __spec__ and not isinstance(__spec__.loader, SourceFileLoader):
    sys.meta_path.insert(0, _Finder)
    # What Ansible has loaded by now stays. To look through it for garbage while we are imported takes a twentieth more.
    gc.freeze()
