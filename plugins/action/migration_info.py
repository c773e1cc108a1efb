# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads a migration file on the controller; plugins/modules/migration_info.py documents it."""

from __future__ import annotations

import getpass
import json
import os
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.utils.vars import load_extra_vars

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration import fleet
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.definition import (
    SECTIONS,
    SMALLEST,
    Definition,
    read_definition,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.prepare import (
    MODES,
    Wanted,
    output_files,
    prepare,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.request import safety_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.saved_plan import read_plan
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._files import plan_paths
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._migration_file import (
    COLLECTION,
    digest,
    find_file,
    read_file,
    render_file,
)

_OPTIONS = {
    "path": {"type": "str", "default": ""},
    "connection": {"type": "dict", "default": {}},
    "approved_plan": {"type": "str"},
    "mode": {"type": "str", "choices": MODES},
    "confirm": {"type": "str", "default": ""},
    "all_listed": {"type": "bool", "default": False},
    "clusters": {"type": "bool", "default": False},
    "writes": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Reads and checks; it connects to nothing and changes nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(_OPTIONS)
        facts = {
            "path": args["path"],
            "mode": args["mode"],
            "started_at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "user": _user(),
            "changed": False,
        }
        try:
            definition = self._read(args, task_vars or {})
        except InvalidInput as error:
            nothing = {"steps": [], "parts": {"before": [], "ok": [], "failed": []}, "dry": True}
            return {**result, **facts, **nothing, "failed": True, "failure": error.kind, "msg": error.message}
        # A connection may hold passwords: the result has them, and nobody sees it.
        return {**result, **facts, **definition, "_ansible_no_log": True}

    def _read(self, args: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        if not args["path"].strip():
            raise InvalidInput(
                "No migration file is given. Write one, such as\n\n" + SMALLEST + "\n\nand name it with "
                "-e migration_file=shipped_at.yml."
            )
        # A relative path is relative to the working directory, the playbook, or the playbooks of this collection.
        folders = [Path.cwd(), Path(self._loader.get_basedir()), COLLECTION / "playbooks"]
        path = find_file(args["path"], folders, "the migration")
        definition = self._definition(path, task_vars)
        data: dict[str, Any] = {
            **definition._asdict(),
            "connection": {**definition.connection, **args["connection"]},
            "digest": digest(path),
            "file": path,
            "approved_plan": _read_plan(args["approved_plan"], folders),
        }
        notifies = False
        if args["mode"]:
            data |= prepare(data, self._wanted(args, data))
            notifies = "notify" in data["parts"]["ok"] and self._connection.transport == "local"
            data["clusters"] = args["clusters"]
            if args["clusters"]:
                self._check_connection(data, task_vars)
        _check_folders([*args["writes"], *(output_files(data) if notifies else [])])
        if args["mode"] == "plan" and args["writes"]:
            plan_paths(args["writes"][0])
        return data

    def _definition(self, path: str, task_vars: Mapping[str, Any]) -> Definition:
        read_file(self._loader, path)
        raw = render_file(self._loader, path, task_vars)
        roles = {role: _options_of(role) for role in SECTIONS}
        try:
            return read_definition(raw, safety_options(), connection_options(), roles, self._extra())
        except InvalidInput as error:
            raise InvalidInput(f"{path} is not a migration file. {error.message}") from None

    def _extra(self) -> Mapping[str, Any]:
        """The variables of the command line that are options of roles, such as a service that you confirm."""
        prefixes = tuple(f"{role}_" for role in SECTIONS)
        given = {name: value for name, value in load_extra_vars(self._loader).items() if name.startswith(prefixes)}
        extra: Mapping[str, Any] = self._templar.template(given)
        return extra

    def _wanted(self, args: Mapping[str, Any], data: Mapping[str, Any]) -> Wanted:
        return Wanted(args["mode"], self._task.check_mode, data["approved_plan"], args["confirm"], args["all_listed"])

    def _check_connection(self, data: Mapping[str, Any], task_vars: Mapping[str, Any]) -> None:
        """Raise InvalidInput if several hosts of this play would connect to the same cluster because one says nothing."""
        hosts = list(task_vars.get("ansible_play_hosts_all") or [])
        if len(hosts) < 2:
            return
        host = str(task_vars["inventory_hostname"])
        if self._connection.transport == "local":
            fleet.check_connection(host, data["connection"])
        if host == hosts[0] and data["mode"] != "verify":
            # A run begins with its first host, and stops with it.
            reached = {one: self._contacts(one, data, task_vars) for one in hosts}
            counts = Counter(reached.values())
            # Only for these the file is rendered once more: it takes its time.
            doubtful = [one for one in hosts if counts[reached[one]] > 1]
            sentence = fleet.same_contacts(
                {one: (reached[one], self._tables(one, data, task_vars)) for one in doubtful}
            )
            if sentence:
                raise InvalidInput(sentence)

    def _contacts(self, host: str, data: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Any:
        """What a host reaches its cluster by; its name if that is not known before it runs."""
        variables = task_vars["hostvars"].raw_get(host)
        try:
            own = Templar(loader=self._loader, variables=variables).template(
                variables.get("migration_connection") or {}
            )
        except AnsibleError:
            return host
        connection = {**data["connection"], **own}
        return fleet.contacts(connection) if fleet.names_cluster(connection) else host

    def _tables(self, host: str, data: Mapping[str, Any], task_vars: Mapping[str, Any]) -> frozenset[str]:
        """The tables that a host changes; none if that is not known before it runs."""
        try:
            tables = self._definition(data["file"], task_vars["hostvars"].raw_get(host)).tables
        except InvalidInput:
            return frozenset()
        return frozenset(f"{table['keyspace']}.{table['table']}" for table in tables)


def _check_folders(paths: list[str]) -> None:
    """Raise InvalidInput if a folder that the run writes to is missing, before anything is changed."""
    for path in filter(None, paths):
        folder = (Path.cwd() / Path(path).expanduser()).parent
        if not folder.is_dir():
            raise InvalidInput(f"{path} cannot be written: there is no folder {folder}. Nothing was changed.")


def _read_plan(path: str | None, folders: list[Path]) -> Mapping[str, Any] | None:
    """The plan in the file. A path without a name is no path: who asks for a plan never gets a run without one."""
    if path is None:
        return None
    if not path.strip():
        raise InvalidInput("approved_plan is empty. Name the file of the plan, or leave approved_plan out.")
    path = find_file(path, folders, "the plan")
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError
        return read_plan(content).data
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}") from None
    except ValueError:
        raise InvalidInput(
            f"{path} is not a saved plan: it holds no JSON object. The playbook plan writes one as plan_file; the files "
            "next to it, .md and .cql, are for people."
        ) from None


def _options_of(role: str) -> Mapping[str, Any]:
    """The options of a role of the collection. Ansible's loader of playbooks takes eight times as long for the same."""
    path = COLLECTION / "roles" / role / "meta" / "argument_specs.yml"
    options: Mapping[str, Any] = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


def _user() -> str:
    """The user who runs the play; a container may run as a number that no user has."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
