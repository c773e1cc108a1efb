# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow: read the file, plan the edit, put the new file in the place of the old one at once."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput
from .._runner import ModuleApi
from .edit import Edit, FieldEdit, plan_edit
from .file import alone, keep_copy, read_file, real_path, replace_file, require_replaceable
from .state import ENABLED
from .text import Text, read_text


def edit_fields(params: Mapping[str, Any], check: bool, host: ModuleApi) -> dict[str, Any]:
    """What became of each field; raises InvalidInput, FieldUnclear, Refused or Locked with the file untouched."""
    wanted = _read_params(params)
    if check:
        return _edit(wanted, True, False, host)
    with alone(wanted.path) as notes:
        result = _edit(wanted, False, params["backup"], host)
        return {**result, "notes": [*result["notes"], *notes]}


def _edit(wanted: FieldEdit, check: bool, backup: bool, host: ModuleApi) -> dict[str, Any]:
    content = read_file(wanted.path)
    text = read_text(content, wanted.path)
    edit = plan_edit(text, wanted)
    result = _result(wanted, text, edit, check)
    if result["changed"]:
        require_replaceable(wanted.path)
    if result["changed"] and not check:
        if backup:
            result["backup_file"] = keep_copy(wanted.path, host)
        replace_file(wanted.path, content, edit.text.encode(), host)
    return result


def _read_params(params: Mapping[str, Any]) -> FieldEdit:
    fields = tuple(dict.fromkeys(_identifier(name) for name in params["fields"]))
    if not fields:
        raise InvalidInput("The list of fields is empty.")
    class_name = ".".join(_identifier(name) for name in params["class_name"].split("."))
    kinds = {_identifier(name): str(kind) for name, kind in params["kinds"].items()}
    if not set(kinds) <= set(fields):
        raise InvalidInput(f"kinds names {', '.join(sorted(set(kinds) - set(fields)))}, which is not among the fields.")
    if not all(comment.strip(" \t#") for comment in params["remove_comments"]):
        raise InvalidInput("remove_comments holds an empty line, which would remove every empty comment of the class.")
    return FieldEdit(
        real_path(params["path"]),
        class_name,
        fields,
        params["state"] == ENABLED,
        tuple(params["remove_comments"]),
        kinds,
    )


def _identifier(name: str) -> str:
    # Python reads names in this form.
    normal = unicodedata.normalize("NFKC", name)
    if not normal.isidentifier() or keyword.iskeyword(normal):
        raise InvalidInput(f"{name!r} is no name of a class or a field in Python.")
    return normal


def _result(wanted: FieldEdit, text: Text, edit: Edit, check: bool) -> dict[str, Any]:
    # In check mode the file stays as it is, so the states are those before.
    states = edit.before if check else edit.after
    return {
        "changed": edit.text != text,
        "path": wanted.path,
        "class_name": wanted.class_name,
        "fields": [
            {**state.describe(None), "changed": before.state != after.state}
            for state, before, after in zip(states, edit.before, edit.after)
        ],
        "removed_comments": list(edit.removed),
        "notes": list(edit.notes),
        "diff": {
            "before_header": wanted.path,
            "after_header": wanted.path,
            "before": text.source,
            "after": edit.text.source,
        },
    }
