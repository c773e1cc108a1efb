# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a migration file on the controller; plugins/modules/migration_info.py documents it."""

from __future__ import annotations

import getpass
import hashlib
import inspect
import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.definition import (
    SECTIONS,
    Definition,
    key_of,
    read_definition,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import safety_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.saved_plan import read_plan

_COLLECTION = Path(__file__).resolve().parents[2]


class ActionModule(ActionBase):  # type: ignore[misc]
    """Reads and checks; it connects to nothing and changes nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            {
                "path": {"type": "str", "required": True},
                "connection": {"type": "dict", "default": {}},
                "approved_plan": {"type": "str", "default": ""},
                "changes_tables": {"type": "bool", "default": False},
            }
        )
        if not args["path"].strip():
            raise AnsibleActionFail("path is empty. Name the migration file.")
        path = self._find(args["path"])
        roles = {role: _options_of(role) for role in SECTIONS}
        try:
            raw = self._templar.template(self._load(path))
            definition = read_definition(raw, safety_options(), connection_options(), roles)
            _check_types(definition, roles)
        except InvalidInput as error:
            raise AnsibleActionFail(f"{path} is not a migration file. {error.message}") from error
        changes = args["changes_tables"] and not self._task.check_mode
        if changes and definition.requires_approved_plan and not args["approved_plan"]:
            raise AnsibleActionFail(
                f"{path} requires an approved plan. Write one with the playbook plan, and name its file in approved_plan."
            )
        # A connection may hold passwords: whoever registers the result has them, and nobody sees them.
        return {
            **result,
            **definition._asdict(),
            "connection": {**definition.connection, **args["connection"]},
            "approved_plan": self._read_plan(args["approved_plan"]) if args["approved_plan"] else None,
            "digest": _digest(path),
            "started": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "who": _user(),
            "changed": False,
            "_ansible_no_log": True,
        }

    def _find(self, path: str) -> str:
        """The file: a relative path is relative to the working directory, the playbook, or the playbooks of this collection."""
        folders = [Path.cwd(), Path(self._loader.get_basedir()), _COLLECTION / "playbooks"]
        found = [str(folder / path) for folder in folders if (folder / path).is_file()]
        if not found:
            tried = ", ".join(dict.fromkeys(str(folder) for folder in folders))
            raise AnsibleActionFail(f"There is no file {path}. Searched in: {tried}.")
        return found[0]

    def _read_plan(self, path: str) -> Mapping[str, Any]:
        """The plan in the file. A path without a name is no path: nobody who asked for a plan gets a run without one."""
        if not path.strip():
            raise AnsibleActionFail("approved_plan is empty. Name the file of the plan, or leave approved_plan out.")
        path = self._find(path)
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError
            return read_plan(content).data
        except InvalidInput as error:
            raise AnsibleActionFail(f"{path}: {error.message}") from error
        except ValueError as error:
            raise AnsibleActionFail(
                f"{path} is not a saved plan: it holds no JSON object. The playbook plan writes one as plan_file; the files "
                "beside it, .md and .cql, are for people."
            ) from error

    def _load(self, path: str) -> Any:
        """The content of the file, decrypted; its templates count as the user's own."""
        load = self._loader.load_from_file
        # From ansible-core 2.19 on a template is rendered only if whoever loads it vouches for it.
        knows_trust = "trusted_as_template" in inspect.signature(load).parameters
        try:
            return load(path, **({"trusted_as_template": True} if knows_trust else {}))
        except AnsibleError as error:
            raise AnsibleActionFail(f"{path} cannot be read: {error}") from error


def _options_of(role: str) -> Mapping[str, Any]:
    """The options of a role of the collection. Ansible's loader of playbooks takes eight times as long for the same."""
    path = _COLLECTION / "roles" / role / "meta" / "argument_specs.yml"
    options: Mapping[str, Any] = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


def _user() -> str:
    """Who runs the play; a container may run as a number that no user has."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _digest(path: str) -> str:
    """The digest of the file, whatever ends its lines: a checkout on another machine may have other ones."""
    content = Path(path).read_bytes().replace(b"\r\n", b"\n")
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _check_types(definition: Definition, roles: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises InvalidInput where a variable of a role is not of its type or not one of its choices."""
    messages = []
    for role, variables in definition.roles.items():
        # What is required of the role comes from the migration role, as do the keyspace and the table.
        spec = {key_of(role, name): {**option, "required": False} for name, option in roles[role].items()}
        checked = ArgumentSpecValidator(spec).validate({key_of(role, name): value for name, value in variables.items()})
        messages += remove_values(checked.error_messages, checked._no_log_values)
    if messages:
        raise InvalidInput(" ".join(f"{message}." for message in messages))
