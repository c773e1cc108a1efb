# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Refuses a play that would do nothing, or something that nobody meant, before it begins."""

from __future__ import annotations

DOCUMENTATION = r"""
name: playbook_hosts
short_description: The hosts of a playbook of this collection, if its variables can be meant
version_added: 0.1.0
description:
  - Returns the pattern for the keyword C(hosts) of a play. It is that of the variable C(fleet_hosts), or V(all), for the playbook
    V(fleet), and that of C(migration_hosts), or V(localhost), for the others.
  - It fails if the pattern names no host of the inventory, or none that C(--limit) leaves. Ansible itself skips such a play and
    ends with success.
  - It fails if a playbook that works for one host gets several.
  - It fails if C(--tags) or C(--skip-tags) leave no task, and if C(--start-at-task) is given.
  - It fails if nothing reads an extra variable although something was meant by it. That is an option of a module, a key of the
    migration file, nearly the name of a variable of the playbook, or the name of a variable of another one. A variable that the
    templates of the migration file use is read.
  - It fails if a variable of the playbook holds another kind of value than it has to, if two variables exclude each other, and if
    an inventory of the command line does not exist.
  - If it fails, it writes the failure to C(report_file), if that is given.
  - The playbooks of this collection use it.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
options:
  _terms:
    description: The name of the playbook.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show which hosts the playbook migrate would take
  ansible.builtin.debug:
    msg: "{{ lookup('stellarmap.cassandra.playbook_hosts', 'migrate') }}"
"""

RETURN = r"""
_raw:
  description: The pattern.
  type: list
  elements: str
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._connection.options import connection_options
from ..module_utils._errors import InvalidInput
from ..module_utils._migration import given
from ..module_utils._migration.variables import check_values
from ..module_utils._schema.options import column_options
from ..plugin_utils import _files
from ..plugin_utils._ansible_core import renderer
from ..plugin_utils._command_line import command_line, extra_variables
from ..plugin_utils._hosts import inventory_hosts
from ..plugin_utils._migration_file import COLLECTION, folders_of

_PREFIX = "stellarmap.cassandra."


class LookupModule(LookupBase):  # type: ignore[misc]
    """It reads the inventory, the command line and the text of the migration file."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        (playbook,), known = terms, variables or {}
        extra, files = extra_variables(self._loader, known), _files_of(known)
        try:
            _check_files(
                {
                    name: path
                    for name, path in files.items()
                    if _resolved(path) == _resolved(files.get("report_file", ""))
                }
            )
        except InvalidInput as error:
            # What cannot be written holds no report either.
            raise AnsibleLookupError(error.message) from None
        try:
            _check_files(files)
            return [self._pattern(playbook, known, extra)]
        except InvalidInput as error:
            self._report(playbook, extra, error.message)
            raise AnsibleLookupError(error.message) from error

    def _pattern(self, playbook: str, known: dict[str, Any], extra: dict[str, Any]) -> str:
        variable, default = given.hosts_variable(playbook)
        # If its own template failed and were ignored, a variable with a default would be the default: all clusters, for one.
        hosts = renderer(self, known)(known[variable]) if variable in known else default
        pattern = ",".join(hosts) if isinstance(hosts, list) else str(hosts)
        if command_line().syntax_check:
            # A check of the syntax of a site has no inventory, and no run that could do nothing.
            return pattern
        given.check_names(playbook, extra, column_options(), connection_options(), self._texts(known))
        check_values(given.VARIABLES[playbook], known)
        if _is_started_itself():
            given.check_inventory(_missing(known.get("ansible_inventory_sources") or []))
            tags, skipped = known.get("ansible_run_tags") or ["all"], known.get("ansible_skip_tags") or []
            given.check_options(tags, skipped, command_line().start_at_task)
        self._check_hosts(playbook, pattern, known)
        return pattern

    def _check_hosts(self, playbook: str, pattern: str, known: dict[str, Any]) -> None:
        limit = known.get("ansible_limit")
        hosts, limited = (inventory_hosts(self._loader, known["groups"], pattern, one) for one in (None, limit))
        given.check_hosts(playbook, pattern, hosts, limited, limit, bool(known.get("plan_folder")))

    def _texts(self, known: dict[str, Any]) -> str:
        """The text of the migration files, as far as they can be found before the hosts are known."""
        named = [known[name] for name in ("migration_file", "migration_files") if name in known]
        render, texts = renderer(self, known), []
        for path in [path for one in named for path in (one if isinstance(one, list) else [one])]:
            for folder in folders_of(self._loader):
                try:
                    texts.append((folder / str(render(path))).read_text(encoding="utf-8"))
                    break
                except (AnsibleError, OSError, ValueError):
                    continue
        return "\n".join(texts)

    def _report(self, playbook: str, extra: dict[str, Any], message: str) -> None:
        if not isinstance(extra.get("report_file"), str) or not extra["report_file"]:
            return
        facts = {"mode": playbook, "outcome": "failed", "failure": "invalid_input", "failed_step": "preparation"}
        try:
            _files.write_json(extra["report_file"], {**facts, "msg": message, "hint": ""})
        except AnsibleError as error:
            raise AnsibleLookupError(f"{message} {error.message}") from error


def _files_of(known: dict[str, Any]) -> dict[str, str]:
    """The paths in the variables that name files, as far as they are known before the hosts are."""
    texts = {name: known[name] for name in given.FILES if isinstance(known.get(name), str) and known[name]}
    return {name: value for name, value in texts.items() if "{{" not in value}


def _resolved(path: str) -> str:
    return str(_files.place(path).resolve())


def _check_files(files: dict[str, str]) -> None:
    """Raise InvalidInput unless the files that the run writes can be written, and are files of their own."""
    for name in filter(files.__contains__, given.OUTPUTS):
        if name != "plan_folder":
            _files.check_output(files[name], name)
        elif not _files.place(files[name]).is_dir():
            raise InvalidInput(
                f"plan_folder is {files[name]}, and there is no such folder. Make it first. Nothing was changed."
            )
        else:
            _files.check_output(f"{files[name]}/plans.md")
    given.check_files({name: _resolved(path) for name, path in files.items()})


def _missing(inventories: Sequence[str]) -> list[str]:
    """Those that the command line names and that are not there; a list of hosts has a comma, and the default may be missing."""
    named = [one for one in inventories if "," not in one and one not in constants.DEFAULT_HOST_LIST]
    return [one for one in named if not Path(one).exists()]


def _is_started_itself() -> bool:
    """Whether the playbook was named on the command line: a playbook that imports it may have tags."""
    own = [COLLECTION / "migrate.yml", *(COLLECTION / "playbooks").glob("*.yml")]
    return any(one.startswith(_PREFIX) or Path(one).resolve() in own for one in sys.argv[1:])
