# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads a migration file on the controller; plugins/modules/migration_info.py documents it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils._connection.options import connection_options
from ..module_utils._draft.flow import draft_of_models
from ..module_utils._errors import InvalidInput
from ..module_utils._migration import fleet, hosts
from ..module_utils._migration.definition import SECTIONS, SMALLEST, Definition, read_connection, read_definition
from ..module_utils._migration.failed import is_failure
from ..module_utils._migration.look import Look, judge, looks
from ..module_utils._migration.prepare import MODES, Wish, output_files, prepare
from ..module_utils._schema.options import safety_options
from ..module_utils._schema.planning.saved_plan import load_plan
from ..modules import app_service, http_check, model_fields
from ..plugin_utils import _ansible_core
from ..plugin_utils._command_line import extra_variables
from ..plugin_utils._files import check_output, plan_paths
from ..plugin_utils._hosts import application_hosts, inventory_hosts
from ..plugin_utils._in_process import is_here, run_here
from ..plugin_utils._migration_file import COLLECTION, digest, find_file, load_file, render
from ..plugin_utils._obstacles import unreachable

_OPTIONS = {
    "path": {"type": "str", "default": ""},
    "connection": {"type": "dict", "default": {}},
    "application_hosts": {"type": "raw"},
    "model_keyspace": {"type": "str"},
    "approved_plan": {"type": "str"},
    "mode": {"type": "str", "choices": MODES},
    "confirm": {"type": "str", "default": ""},
    "all_listed": {"type": "bool", "default": False},
    "clusters": {"type": "bool", "default": False},
    "writes": {"type": "list", "elements": "str", "default": []},
}
_ONE_CLUSTER = (
    "The file has application.hosts: its application on many hosts belongs to one cluster, and this run is about many. Migrate "
    "each cluster with the playbook migrate, or remove the application from the file. Nothing was changed."
)

_JOBS = {"app_service": app_service.JOB, "model_fields": model_fields.JOB, "http_check": http_check.JOB}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Reads and checks; it changes nothing."""

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
            nothing = {"steps": [], "parts": {"ok": [], "failed": []}, "dry": True, "goes_on": False}
            return {**result, **facts, **nothing, "failed": True, "failure": error.kind, "msg": error.message}
        # A connection may hold passwords: the result has them, and nobody sees it.
        return {**result, **facts, **definition, _ansible_core.HIDDEN: True}

    def _read(self, args: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        if not args["path"].strip():
            raise InvalidInput(
                "No migration file is given. Write one, such as\n\n" + SMALLEST + "\n\nand name it with "
                "-e migration_file=shipped_at.yml."
            )
        args = {**args, "connection": read_connection(args["connection"], connection_options())}
        models = args["model_keyspace"] is not None and (args["path"].endswith(".py") or Path(args["path"]).is_dir())
        path = args["path"] if models else find_file(args["path"], self._loader, "the migration")
        if models:
            draft, unread = draft_of_models(path, args["model_keyspace"])
            definition = {**self._checked(path, yaml.safe_load(draft), task_vars)._asdict(), "unread": unread}
        else:
            definition = self._definition(path, args, task_vars)
        data: dict[str, Any] = {
            **definition,
            "connection": {**definition["connection"], **args["connection"]},
            "digest": "" if models else digest(path),
            "is_of_models": models,
            "file": path,
            "approved_plan": _read_plan(args["approved_plan"], self._loader),
        }
        is_local = _ansible_core.is_local(self, task_vars)
        if args["mode"]:
            check_mode, plan = bool(_ansible_core.keywords(self, task_vars)["check_mode"]), data["approved_plan"]
            data |= prepare(data, Wish(args["mode"], check_mode, plan, args["confirm"], args["all_listed"]))
            data["clusters"] = args["clusters"]
            if args["clusters"] and is_local and len(task_vars.get("ansible_play_hosts_all") or []) > 1:
                fleet.check_connection(str(task_vars["inventory_hostname"]), data["connection"])
        notifies = args["mode"] and data["parts"]["failed"] and is_local
        for path in filter(None, [*args["writes"], *(output_files(data) if notifies else [])]):
            check_output(path)
        if args["mode"] == "plan" and args["writes"]:
            plan_paths(args["writes"][0])
        if args["mode"] and data["steps"]:
            data["preflight"] = self._look(data, task_vars)
        return {**data, "goes_on": not is_failure(data.get("preflight", {}))}

    def _look(self, data: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Whether all is there on the host that the steps need, known before anything is changed."""
        warnings: list[str] = []
        for look in looks(data):
            found = judge(look, self._look_on_host(look, task_vars))
            if is_failure(found):
                return found
            warnings += found.get("warnings") or []
        return {"changed": False, "warnings": warnings}

    def _look_on_host(self, look: Look, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
        if is_here(self, task_vars):
            found = run_here(_JOBS[look.module], True, look.arguments, with_invocation=False)
            if not isinstance(found, str):
                return found
        try:
            result: dict[str, Any] = self._execute_module(
                module_name=f"stellarmap.cassandra.{look.module}", module_args=look.arguments, task_vars=task_vars
            )
        except AnsibleConnectionFailure as error:
            return unreachable(error, _ansible_core.keywords(self, task_vars), task_vars)
        return result

    def _definition(self, path: str, args: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """What the file says; of an application on many hosts for each of them, by its variables."""
        raw = load_file(self._loader, path)
        section, touches = self._hosts_section(path, raw, task_vars), args["mode"] not in (None, "plan")
        pattern = hosts.read_pattern(section, args["application_hosts"], touches)
        if pattern is None or not isinstance(raw, Mapping):
            return self._checked(path, render(self._loader, path, raw, task_vars), task_vars)._asdict()
        if args["clusters"] and args["mode"] == "migrate":
            raise InvalidInput(_ONE_CLUSTER)
        common = {key: value for key, value in raw.items() if key not in hosts.SECTIONS}
        common = render(self._loader, path, common, task_vars)
        names = application_hosts(self._loader, pattern, task_vars, touches)
        batches = hosts.make_batches(names, section.get("serial", 1))
        if not names:
            return self._checked(path, common, task_vars)._asdict()
        parts = {host: self._part(host, path, raw, common, task_vars) for host in names}
        named = inventory_hosts(self._loader, task_vars["groups"], section.get("hosts", pattern))
        left_out = [host for host in named if host not in names]
        return {**parts[names[0]]._asdict(), **hosts.split(parts), "batches": batches, "left_out": left_out}

    def _hosts_section(self, path: str, raw: Any, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the section C(application) says of its hosts: they are known before the rest is rendered for each of them."""
        section = raw.get("application") if isinstance(raw, Mapping) else None
        if isinstance(section, Mapping):
            section = {key: section[key] for key in ("hosts", "serial") if key in section}
        section = render(self._loader, path, section, task_vars) if section else {}
        return section if isinstance(section, Mapping) else {}

    def _part(self, host: str, path: str, raw: Any, common: Any, task_vars: Mapping[str, Any]) -> Definition:
        """What the file says for a host of the application."""
        variables = _ansible_core.variables_of(host, task_vars)
        own = {key: raw[key] for key in hosts.SECTIONS if key in raw}
        try:
            return self._checked(path, {**common, **render(self._loader, path, own, variables)}, variables)
        except InvalidInput as error:
            raise InvalidInput(f"For the host {host} of application.hosts: {error.message}") from None

    def _checked(self, path: str, content: Any, task_vars: Mapping[str, Any]) -> Definition:
        roles = {role: _options_of(role) for role in SECTIONS}
        try:
            return read_definition(content, safety_options(), connection_options(), roles, self._extra(task_vars))
        except InvalidInput as error:
            raise InvalidInput(f"{path} is not a migration file. {error.message}") from None

    def _extra(self, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables of the command line that are options of roles, such as a service that you confirm."""
        prefixes = tuple(f"{role}_" for role in SECTIONS)
        extra = extra_variables(self._loader, task_vars)
        given = {name: value for name, value in extra.items() if name.startswith(prefixes)}
        rendered: Mapping[str, Any] = _ansible_core.renderer(self, task_vars)(given)
        return rendered


def _read_plan(path: str | None, loader: Any) -> Mapping[str, Any] | None:
    """The plan in the file. A path without a name is no path: who asks for a plan never gets a run without one."""
    if path is None:
        return None
    if not path.strip():
        raise InvalidInput("approved_plan is empty. Name the file of the plan, or leave approved_plan out.")
    return load_plan(find_file(path, loader, "the plan")).data


def _options_of(role: str) -> Mapping[str, Any]:
    """The options of a role of the collection. Ansible's loader of playbooks takes eight times as long for the same."""
    path = COLLECTION / "roles" / role / "meta" / "argument_specs.yml"
    options: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


def _user() -> str:
    """The user who runs the play; a container may run as a number that no user has."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
