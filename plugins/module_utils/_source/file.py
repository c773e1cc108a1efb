# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One file: who may change it now, how it is read, and how it is replaced at once."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator

from .._errors import Failure, InvalidInput, Locked, Refused
from .._flock import lock
from .._module import ModuleApi

_LARGEST = 1024 * 1024
_PATIENCE = 60.0


@contextlib.contextmanager
def alone(path: str) -> Iterator[list[str]]:
    """Keeps other runs out of the folder of a file, and removes what a killed one left; gives notes; raises Locked.

    The lock is on the folder: the file itself is another one after each run, and no lock file is left behind.
    """
    notes: list[str] = []
    folder = None
    try:
        try:
            folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            if not lock(folder, _PATIENCE):
                raise Locked(
                    f"Another run holds the folder of {path}, waited {_PATIENCE:.0f} s for it. Nothing was written."
                )
        except OSError:
            notes.append(f"{os.path.dirname(path)} cannot be locked: two runs on it at once are not kept apart.")
        else:
            with contextlib.suppress(OSError):
                os.unlink(_new_name(path))
        yield notes
    finally:
        # Closing it gives the lock back, and so does the end of a killed process.
        if folder is not None:
            os.close(folder)


def real_path(path: str) -> str:
    """The file that a symbolic link leads to: the link stays a link; raises InvalidInput."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path!r} is no path: {error}.") from error


def read_file(path: str) -> bytes:
    """The content of a regular file; raises InvalidInput."""
    try:
        # What is no file may block.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise InvalidInput(f"{path} is not a regular file.")
            if found.st_size > _LARGEST:
                raise InvalidInput(
                    f"{path} has {found.st_size} bytes; files of more than {_LARGEST} bytes are not edited. Split the file."
                )
            return file.read()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def require_replaceable(path: str) -> None:
    """Raise Refused if a new file in the place of this one would fail or do harm."""
    links = os.stat(path).st_nlink
    if links > 1:
        raise Refused(
            f"{path} has {links} names (hard links). The change would replace this one only. Nothing was written; "
            "name a file with one name, or use a symbolic link."
        )
    # A play may have become another user.
    by_effective_user = os.access in os.supports_effective_ids
    if not os.access(os.path.dirname(path), os.W_OK | os.X_OK, effective_ids=by_effective_user):
        raise Refused(f"{path} cannot be replaced: its folder is not writable. Nothing was written.")


def replace_file(path: str, before: bytes, after: bytes, host: ModuleApi) -> None:
    """Put the new content in the place of the old one at once; raises Refused, and then the file is as it was."""
    # Next to the file, so that one rename does it: a program that imports the file meanwhile reads the old one or the new one.
    new = _new_name(path)
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refused(f"{path} cannot be replaced: {new}: {error.strerror}. Nothing was written.") from error
    try:
        with open(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        if read_file(path) != before:
            raise Refused(f"{path} was changed by another program meanwhile. Nothing was written; run this again.")
        # Keeps the mode and the owner of the file.
        host.atomic_move(new, path)
    except (Exception, SystemExit) as error:
        # AnsibleModule ends the process by itself if it cannot move the file. Not after a success: the next run may be
        # writing to that name already.
        with contextlib.suppress(OSError):
            os.unlink(new)
        if isinstance(error, (Failure, SystemExit)):
            raise
        raise Refused(f"{path} could not be replaced: {error}. The file is as it was.") from error


def _new_name(path: str) -> str:
    """The one name of the new file: a run that holds the lock may remove what it finds there."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:200]}.model_fields")
