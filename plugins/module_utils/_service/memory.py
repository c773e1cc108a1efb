# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file: what no process and no file shows, remembered for the next run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from os.path import dirname, exists, isdir, realpath
from typing import NamedTuple

from .._errors import Failure
from .._flock import lock

_PATIENCE = 30.0
_ADVICE = "Give services_state_file, a file that this user may write."


class Unwritable(Failure):
    """The state file cannot be written or read."""

    kind = "state_file"


class Remembered(NamedTuple):
    """When a service was last started or confirmed, when a run changed what only it knew of, and when it last failed."""

    started: float | None = None
    changed: float | None = None
    failed: float | None = None


def read_memory(path: str) -> tuple[dict[str, Remembered], str]:
    """What is remembered of each service by its key, and a warning if the file is damaged; raises Unwritable."""
    try:
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
        return {key: Remembered(**{name: float(time) for name, time in one.items()}) for key, one in known.items()}, ""
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        raise Unwritable(f"The state file {path} cannot be read: {error.strerror}. {_ADVICE}") from error
    except (ValueError, TypeError, AttributeError) as error:
        return {}, (
            f"The state file {path} is damaged ({error}), so earlier confirmations and runs of jobs are forgotten. The next "
            f"change of it keeps the damaged file as {path}.damaged."
        )


def try_memory(path: str) -> None:
    """See whether the state file could be written, without a change; raises Unwritable."""
    folder = dirname(realpath(path))
    while folder != "/" and not exists(folder):
        folder = dirname(folder)
    try:
        # A file without a name: the rights alone do not tell, for example about a file system that is read-only.
        tempfile.TemporaryFile(dir=folder).close()
        why = "it is a folder" if isdir(path) else ""
    except OSError as error:
        why = f"{folder}: {error.strerror}"
    if why:
        raise Unwritable(f"The state file {path} cannot be written: {why}. Nothing was changed. {_ADVICE}")


def remember(path: str, news: Mapping[str, Mapping[str, float | None]]) -> None:
    """Change what is remembered, without a loss of what another run remembers at the same time; raises Unwritable."""
    if not news:
        return
    target = realpath(path)
    try:
        os.makedirs(dirname(target), mode=0o700, exist_ok=True)
        with open(f"{target}.lock", "w", encoding="ascii", opener=_private) as held:
            if not lock(held, _PATIENCE):
                raise Unwritable(f"The state file {path} cannot be written: another run holds it. Run this again.")
            known, damaged = read_memory(target)
            if damaged:
                os.replace(target, f"{target}.damaged")
            for key, change in news.items():
                known[key] = known.get(key, Remembered())._replace(**change)
            times = {
                key: {name: at for name, at in one._asdict().items() if at is not None} for key, one in known.items()
            }
            with open(f"{target}.new", "w", encoding="utf-8", opener=_private) as file:
                json.dump(times, file, indent=4, sort_keys=True)
            os.replace(f"{target}.new", target)
    except OSError as error:
        raise Unwritable(f"The state file {path} cannot be written: {error.strerror}. {_ADVICE}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
