# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which code a process runs: which files it loaded, from where, and when. A new process is not new code: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from os.path import basename, dirname, isabs, join, normpath
from typing import NamedTuple

from .processes import Host, Place, Process

_DELETED = " (deleted)"
_INTERPRETER = re.compile(r"((ba|da|k|z)?sh|python[0-9.]*|pypy[0-9.]*|perl|ruby|node)\Z")
_PYTHON = re.compile(r"(python|pypy)[0-9.]*\Z|uwsgi|gunicorn|celery")
_FLAGS_WITH_VALUE = ("-X", "-W")
# What a person works with, and what runs this play, is no worker.
_NOT_A_WORKER = re.compile(
    r"(ba|da|k|z|fi|c|tc)?sh\Z|n?vim?\Z|emacs|nano\Z|code\Z|pycharm|i?pdb|b?ipython|bpython|jupyter|ansible|AnsiballZ|supervisord\Z|mypy|pylsp|pyright"
)
_SHELLS = ("shell", "shell_plus", "dbshell")
_SETS_PRELOAD = re.compile(r"^preload_app\s*=\s*(?!(False|None|0)\b|[\s=])", re.MULTILINE)
_CONFIG = re.compile(r"(?:^|\s)(?:--config(?:=|\s+)|-c\s*)(?:file:)?(\S+)")
_SHOWN = 5


class Application(NamedTuple):
    """The folder of the application as it was given and where that leads now.

    C(markers) are paths below it by which another copy of the same application is known.
    """

    path: str
    resolved: str
    markers: Sequence[str]


def interpreted(argv: Sequence[str]) -> str:
    """The script that an interpreter runs, or an empty text."""
    words = iter(argv[1:])
    if not argv or not _INTERPRETER.match(basename(argv[0])):
        return ""
    for word in words:
        if word in _FLAGS_WITH_VALUE:
            next(words, "")
        elif not word.startswith("-"):
            return word
        elif word in ("-", "--") or "c" in word or "m" in word or "s" in word:
            return ""
    return ""


def preloads(place: Place, read: Callable[[str], str]) -> bool:
    """Whether the main process of a gunicorn has loaded the application, so that new workers get what it holds.

    C(read) gives the text of a file, or an empty one.
    """
    if not any("gunicorn" in word for word in [*place.argv[:3], place.exe]):
        return False
    words = [*place.argv, *place.environment.get("GUNICORN_CMD_ARGS", "").split()]
    # gunicorn knows the shortest text that is no other option.
    if any(len(word) >= len("--pre") and "--preload".startswith(word) for word in words):
        return True
    given = _CONFIG.search(" ".join(words))
    config = given[1] if given else "gunicorn.conf.py"
    # It lies where gunicorn was started, which may have entered another folder by now.
    folders = (place.environment.get("PWD", place.cwd), place.cwd)
    return any(_SETS_PRELOAD.search(read(join(folder, config))) for folder in folders)


def elsewhere(application: Application, process: Process, place: Place, exists: Callable[[str], bool]) -> str:
    """That a process runs another copy of the application than the one its path leads to, as a sentence, or an empty text."""
    for path in _paths(place):
        folder = _other_copy(application, path, exists)
        if folder:
            return f"process {process.pid} runs from {folder}, and {application.path} leads to {application.resolved}"
    return ""


def unlisted(
    host: Host,
    places: Mapping[int, Place],
    application: Application,
    programs: Iterable[str],
    exists: Callable[[str], bool],
) -> list[tuple[Process, str]]:
    """The processes of the application that belong to no listed service, each with its command without arguments.

    C(places) are those of the processes in question, C(programs) folders with the programs of virtual environments.
    """
    commands = {pid: _worker(place, application, set(programs), exists) for pid, place in places.items()}
    found = {pid: command for pid, command in commands.items() if command}
    return [(host.processes[pid], command) for pid, command in found.items() if host.processes[pid].parent not in found]


def unlisted_warning(processes: Sequence[tuple[Process, str]], change: str, application: Application) -> str:
    """A warning about these processes, which are older than a change."""
    shown = ", ".join(f"{process.pid} ({command})" for process, command in processes[:_SHOWN])
    more = f" and {len(processes) - _SHOWN} more" if len(processes) > _SHOWN else ""
    return (
        f"These processes of the application in {application.path} belong to no listed service and are older than {change}: "
        f"{shown}{more}. They may still run the old code. Restart them, and add them to the services."
    )


def _worker(place: Place, application: Application, programs: set[str], exists: Callable[[str], bool]) -> str:
    """The name of the program and its script if this is a worker of the application, or an empty text."""
    if not place.argv:
        return ""
    script = interpreted(place.argv)
    names = [basename(place.argv[0]), basename(script)]
    # An interpreter with nothing to run is a person's shell.
    if any(map(_NOT_A_WORKER.match, filter(None, names))) or (len(place.argv) == 1 and _INTERPRETER.match(names[0])):
        return ""
    if any(word in _SHELLS for word in place.argv[1:3]):
        return ""
    is_python = any(_PYTHON.match(basename(name)) for name in (place.argv[0], place.exe.replace(_DELETED, "")))
    below = [path for path in _paths(place) if _is_ours(application, path) or _other_copy(application, path, exists)]
    runs_script = script and normpath(join(place.cwd, script)) in below
    if dirname(place.argv[0]) in programs or runs_script or (below and is_python):
        return " ".join(filter(None, names))
    return ""


def _paths(place: Place) -> list[str]:
    """Where a process was started: its folder, its program with the name by which it was called, and its script."""
    words = [place.argv[0] if place.argv and "/" in place.argv[0] else "", interpreted(place.argv)]
    named = [normpath(join(place.cwd, word)) for word in words if word and (isabs(word) or place.cwd)]
    return [path for path in (place.cwd, *named, place.exe) if path.startswith("/")]


def _other_copy(application: Application, path: str, exists: Callable[[str], bool]) -> str:
    plain = path.removesuffix(_DELETED)
    if _is_ours(application, plain):
        return ""
    releases = dirname(application.resolved)
    is_release = application.path != application.resolved and releases != "/" and _is_below(plain, releases)
    markers = [marker for marker in application.markers if is_release or "/" in marker]
    folder = plain
    while folder not in ("/", ""):
        if folder != releases and any(exists(join(folder, marker)) for marker in markers):
            return folder
        folder = dirname(folder)
    deleted = is_release and path != plain
    return join(releases, plain[len(releases) + 1 :].split("/")[0]) if deleted else ""


def _is_ours(application: Application, path: str) -> bool:
    return _is_below(path, application.resolved) or _is_below(path, application.path)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
