# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: read the file, plan the edit, put the new file in the place of the old one at once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput
from .._runner import ModuleApi
from .edit import ABSENT, DISABLED, ENABLED, Edit, Wish, plan_edit
from .text import Text, read_text


def switch_fields(params: Mapping[str, Any], check: bool, host: ModuleApi) -> dict[str, Any]:
    """What became of each field; raises InvalidInput, FieldUnclear or Refused with the file untouched."""
    wish = _read_wish(params)
    try:
        with open(wish.path, "rb") as file:
            text = read_text(file.read(), wish.path)
    except OSError as error:
        raise InvalidInput(f"{wish.path} cannot be read: {error.strerror}.") from error
    edit = plan_edit(text, wish)
    result = _result(wish, text, edit, check)
    if result["changed"] and not check:
        if params["backup"]:
            result["backup_file"] = host.backup_local(wish.path)
        _replace(wish.path, edit.text.encode(), host)
    return result


def _read_wish(params: Mapping[str, Any]) -> Wish:
    fields = tuple(dict.fromkeys(params["fields"]))
    for name in (*fields, *params["class_name"].split(".")):
        if not name.isidentifier():
            raise InvalidInput(f"{name!r} is no name of a class or a field in Python.")
    if not fields:
        raise InvalidInput("The list of fields is empty.")
    # A link stays a link: the file it names is edited.
    path = os.path.realpath(params["path"])
    return Wish(path, params["class_name"], fields, params["state"] == ENABLED, tuple(params["remove_comments"]))


def _result(wish: Wish, text: Text, edit: Edit, check: bool) -> dict[str, Any]:
    action = ENABLED if wish.enabled else DISABLED
    return {
        "changed": edit.text != text,
        "path": wish.path,
        "fields": [
            {"name": name, "status": _status(before, changes, action, check)} for name, before, changes in edit.fields
        ],
        "removed_comments": list(edit.removed),
        "diff": {
            "before_header": wish.path,
            "after_header": wish.path,
            "before": text.source,
            "after": edit.text.source,
        },
    }


def _status(before: str, changes: bool, action: str, check: bool) -> str:
    if changes:
        return f"would_{action.removesuffix('d')}" if check else action
    return ABSENT if before == ABSENT else f"already_{before}"


def _replace(path: str, content: bytes, host: ModuleApi) -> None:
    # Beside the file, so that one rename does it: whoever imports the file meanwhile reads the old one or the new one.
    handle, new = tempfile.mkstemp(prefix=".ansible_model_fields", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Keeps the mode and the owner of the file.
        host.atomic_move(new, path)
    finally:
        if os.path.exists(new):
            os.unlink(new)
