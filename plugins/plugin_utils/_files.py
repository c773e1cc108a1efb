# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Files that a run writes on the controller, each replaced as a whole."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils._errors import InvalidInput


def place(path: str) -> Path:
    """The absolute path: a relative one is relative to where ansible-playbook was started."""
    return Path.cwd() / Path(path).expanduser()


def check_output(path: str, variable: str = "") -> None:
    """Raise InvalidInput, before anything is changed, if no file of that path can be written."""
    target, named = place(path), f"{variable} is {path}, which" if variable else path
    if target.is_dir():
        raise InvalidInput(f"{named} is a folder. Name a file. Nothing was changed.")
    if not os.access(target.parent, os.W_OK):
        raise InvalidInput(
            f"{named} cannot be written: the folder {target.parent} is missing, or you may not write to it. Nothing was "
            "changed."
        )


def write(path: str, content: str) -> None:
    """Write the file; a relative path is relative to where ansible-playbook was started."""
    try:
        replace(path, content)
    except OSError as error:
        raise AnsibleActionFail(f"{place(path)} cannot be written: {error.strerror or error}.") from None


def read(path: str) -> str | None:
    """What the file says, or None if there is no such path; raises AnsibleActionFail if it cannot be read."""
    target = place(path)
    try:
        return target.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnsibleActionFail(f"{target} cannot be read: {error.strerror or error}.") from None


def replace(path: str, content: str) -> bool:
    """Whether a file was written as C(copy) writes one, with the owner and mode that it has; raises OSError."""
    target = Path(path).expanduser()
    if not target.parent.is_dir():
        raise FileNotFoundError(f"Destination directory {target.parent} does not exist")
    before = target.lstat() if target.exists() and not target.is_symlink() else None
    if before and target.read_bytes() == content.encode():
        return False
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        if before and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(name, before.st_uid, before.st_gid)
        os.chmod(name, stat.S_IMODE(before.st_mode) if before else 0o666 & ~_umask())
        os.replace(name, target)
    except (OSError, ValueError):
        os.unlink(name)
        raise
    return True


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def write_json(path: str, data: Any) -> None:
    """Write the data as JSON for a program."""
    write(path, json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n")


def plan_paths(plan_file: str) -> tuple[str, str, str]:
    """The files of the plan as JSON, Markdown and CQL; raises InvalidInput if the plan would be overwritten by a view of it."""
    base, extension = os.path.splitext(plan_file)
    if extension.lower() in (".md", ".cql"):
        raise InvalidInput(
            f"plan_file is {plan_file}, and it holds the plan as JSON. Name it {base}.json: {base}.md and {base}.cql are "
            "written next to it for people."
        )
    return plan_file, f"{base}.md", f"{base}.cql"
