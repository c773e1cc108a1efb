# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shows what a run did, computed once from its results; plugins/modules/report.py documents it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._draft import report as draft_report
from ..module_utils._errors import InvalidInput
from ..module_utils._http import outcome as checks
from ..module_utils._migration import (
    drift,
    drift_report,
    failed,
    fleet,
    markdown,
    notice,
    outcome,
    progress,
    report_html,
)
from ..module_utils._migration.report import diff_text
from ..module_utils._schema.planning.cql_file import plan_file as plan_cql
from ..plugin_utils import _ansible_core, _files
from ..plugin_utils._in_process import is_here
from ..plugin_utils._version import collection_version

Data = dict[str, Any]
_OPTIONS = {
    "text": {"type": "str"},
    "data": {"type": "dict", "default": {}},
    "stat": {"type": "str"},
    "view": {
        "type": "str",
        "choices": ["run", "checks", "so_far", "hosts", "fleet", "drift", "draft", "file", "news", "notice"],
    },
    "definition": {"type": "dict", "default": {}},
    "results": {"type": "dict", "default": {}},
    "crash": {"type": "dict", "default": {}},
    "files": {"type": "dict", "default": {}},
    "fails": {"type": "bool", "default": True},
}
_SHORT = ("msg", "failure", "failed_step", "hint", "outcome", "traceback")


class ActionModule(ActionBase):  # type: ignore[misc]
    """It connects to nothing, and changes nothing but the files that it is asked to write."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(_OPTIONS)
        self._keywords = _ansible_core.keywords(self, task_vars or {})
        self._is_check = bool(self._keywords["check_mode"])
        view = args["view"]
        try:
            data = getattr(self, f"_view_{view}")(args, task_vars or {}) if view else args["data"]
        except InvalidInput as error:
            raise AnsibleActionFail(error.message) from None
        if view == "checks" and (not args["fails"] or "failure" in data):
            # The role that includes the checks shows them in a report of its own.
            return {**result, **data, "failed": args["fails"]}
        if view in ("so_far", "hosts", "news") or data.get("skipped"):
            return {**result, "changed": False, **data}
        return {**result, **self._shown(args, data)}

    def _shown(self, args: Data, data: Data) -> Data:
        """The result of the task, after its text went to the screen."""
        text = data.get("text", data.get("msg")) if args["text"] is None else args["text"]
        if text is None:
            raise AnsibleActionFail("Give 'text', or 'data' with a 'msg'.")
        fails = data.get("outcome") == "failed" and args["fails"] and args["view"] in ("run", "drift", "draft", "file")
        if text:
            # Ansible's own output shows a text as a JSON string: lines end in \n. What others write stays what a program reads.
            by_line = constants.DEFAULT_STDOUT_CALLBACK in ("default", "ansible.builtin.default")
            Display().display(text, stderr=not by_line)
        if fails:
            # A task that failed is shown with all of its result: it has the sentence, and the file has the rest.
            return {key: data[key] for key in _SHORT if key in data} | {"failed": True, "changed": False}
        # Of a run that failed and is reported by its caller, the sentence is more than the text.
        result = {**data, "changed": False, "msg": data["msg"] if data.get("outcome") == "failed" else text}
        if args["stat"]:
            result[_ansible_core.STATISTICS] = {"data": {args["stat"]: data}, "per_host": False, "aggregate": False}
        return result

    def _view_run(self, args: Data, task_vars: Data) -> Data:
        definition, files = args["definition"], args["files"]
        if "steps" not in definition:
            # The task that reads it did not come to an end, such as for a template of its own.
            kind = "host_unreachable" if definition.get("unreachable") else "unexpected"
            message = definition.get("msg") or args["crash"].get("msg") or "The migration file was not read."
            definition = {"failure": kind, "msg": message, "steps": [], "dry": True}
        host, started = str(task_vars.get("inventory_hostname", "")), definition.get("started_at")
        results = self._checked(args["results"], host, task_vars) if definition.get("clusters") else args["results"]
        crash = args["crash"] if args["crash"].get("run") == started else None
        run = self._of(definition, host, crash or None, files.get("plan") or "")
        data = outcome.make_report(definition, results, run)
        if run.mode == "plan" and data["outcome"] != "failed" and not run.check_mode and run.plan_file:
            self._write_plan(run.plan_file, results["columns"]["plan"], definition, data)
        _write_report(files, data)
        diffs = diff_text(results) if data["outcome"] == "dry_run" and self._keywords["diff"] else ""
        if diffs:
            data = {**data, "text": f"{diffs}\n{data['text']}"}
        return data

    def _of(self, definition: Data, host: str = "", crash: Any = None, plan_file: str = "") -> failed.Run:
        mode = str(definition.get("mode") or "migrate")
        return failed.Run(mode, _now(), host, self._is_check, crash, plan_file)

    def _checked(self, results: Data, host: str, task_vars: Data) -> Data:
        """The results of the steps; two hosts that change the same table of one cluster are a failure of its columns."""
        columns = results.get("columns") or {}
        others = {
            one: task_vars["hostvars"][one]["columns_result"]
            for one in task_vars.get("ansible_play_hosts_all") or []
            if one != host and "columns_result" in task_vars["hostvars"][one]
        }
        sentence = fleet.same_cluster(host, columns, others) if others and not failed.is_failure(columns) else ""
        return {**results, "columns": {**columns, "failure": "same_cluster", "msg": sentence}} if sentence else results

    def _write_plan(self, path: str, plan: Mapping[str, Any], definition: Data, report: Data) -> None:
        saved, page, cql = _files.plan_paths(path)
        facts = {**report, "digest": definition["digest"], "version": collection_version()}
        _files.write_json(saved, plan)
        _files.write(page, markdown.plan_as_markdown(plan, str(definition["title"]), facts))
        _files.write(cql, plan_cql(plan))

    def _view_checks(self, args: Data, task_vars: Data) -> Data:
        return checks.outcome(args["results"], self._is_check)

    def _view_so_far(self, args: Data, task_vars: Data) -> Data:
        definition = args["definition"]
        return progress.so_far(definition, args["results"], self._of(definition), **args["data"])

    def _view_hosts(self, args: Data, task_vars: Data) -> Data:
        definition = args["definition"]
        return outcome.hosts_so_far(definition, args["results"], self._of(definition), **args["data"])

    def _view_fleet(self, args: Data, task_vars: Data) -> Data:
        """The whole run, after its last cluster or the first one that failed."""
        hosts, variables = list(task_vars["ansible_play_hosts_all"]), task_vars["hostvars"]
        active = set(task_vars["ansible_play_hosts"])
        begun = hosts[: max(map(hosts.index, task_vars["ansible_play_batch"])) + 1]
        # A report of a host whose batch has not begun is that of an earlier play.
        given = {host: variables[host]["migration_report"] for host in begun if "migration_report" in variables[host]}
        lost = fleet.unreached([host for host in hosts if host not in given and host not in active])
        reports = {host: given.get(host) or lost.get(host) for host in hosts}
        batch = [reports.get(host) or {"outcome": "failed"} for host in task_vars["ansible_play_batch"]]
        # A host that was lost is in no batch any more, and only those after this batch that are left can follow.
        last = not active & set(hosts[len(begun) :])
        if not last and not any(one["outcome"] == "failed" for one in batch):
            return {"skipped": True, "msg": "More clusters follow."}
        data, files = fleet.fleet_report(reports), args["files"]
        if files.get("page"):
            _files.write(files["page"], report_html.fleet_page(reports, str(files.get("title") or "Migration"), _now()))
        if files.get("plans") and not self._is_check:
            path = f"{files['plans'].rstrip('/')}/plans.md"
            _files.write(path, markdown.plans_as_markdown(reports, files["plans"]))
        _write_report(files, data)
        return data

    def _view_drift(self, args: Data, task_vars: Data) -> Data:
        """The findings of this host; the first one of the play shows and writes those of all hosts."""
        hosts, variables = list(task_vars["ansible_play_hosts_all"]), task_vars["hostvars"]
        found = {host: drift.host_findings(_drift_results(variables[host])) for host in hosts}
        host = task_vars["inventory_hostname"]
        own = drift_report.drift_report(found, [host])
        if host != task_vars["ansible_play_hosts"][0]:
            return {**own, "text": ""}
        whole = drift_report.drift_report(found, hosts)
        _write_report(args["files"], whole)
        if args["files"].get("junit"):
            _files.write(args["files"]["junit"], drift_report.as_junit(whole["findings"], hosts))
        return own

    def _view_file(self, args: Data, task_vars: Data) -> Data:
        """What became of a file for a DBA."""
        host, check_mode = str(task_vars.get("inventory_hostname", "")), self._is_check
        data = outcome.file_report(args["definition"], args["results"], host, check_mode)
        _write_report(args["files"], data)
        return data

    def _view_draft(self, args: Data, task_vars: Data) -> Data:
        """What became of a draft, which is written unless a file of that name says something else."""
        path, host = str(args["files"].get("draft") or ""), str(task_vars.get("inventory_hostname", ""))
        before = _files.read(path) if path else None
        data = draft_report.draft_report(args["results"], path, before, host, self._is_check)
        if data["writes"]:
            _files.write(path, data["draft"])
        _write_report(args["files"], data)
        return data

    def _view_news(self, args: Data, task_vars: Data) -> Data:
        """What is to be written and posted; on this host the records are written at once, each takes C(copy) two processes."""
        report, options, folder = args["data"], args["definition"], Path(args["files"]["folder"])
        needed = notice.needs_previous(report, options)
        previous = self._read(str(folder / options["record_json"]), task_vars) if needed else ""
        news, here = notice.news(report, previous, options), is_here(self, task_vars)
        written = [
            _written(folder / one["path"], one["content"]) for one in news["files"] if here and not self._is_check
        ]
        changed = any(one.get("changed") for one in written)
        return {**news, "here": here, "written": written, "changed": changed}

    def _read(self, path: str, task_vars: Data) -> str:
        """The text of a file of the host, or an empty text if there is none. A process for it costs more than the file."""
        try:
            if is_here(self, task_vars):
                return Path(path).expanduser().read_text(encoding="utf-8", errors="replace")
            found = self._execute_module("ansible.builtin.slurp", {"src": path}, task_vars=task_vars)
        except (OSError, AnsibleConnectionFailure):
            return ""
        return base64.b64decode(found.get("content") or "").decode(errors="replace")

    def _view_notice(self, args: Data, task_vars: Data) -> Data:
        webhooks = args["definition"].get("webhooks") or []
        return notice.notice(args["data"], args["results"], webhooks, self._is_check)


def _written(path: Path, content: str) -> Data:
    """What became of a file of this host, as C(copy) tells it."""
    try:
        return {"changed": _files.replace(str(path), content), "dest": str(path)}
    except (OSError, ValueError) as error:
        return {"failed": True, "msg": str(error)}


def _write_report(files: Data, data: Data) -> None:
    """Write the report; why a run failed is more than that its report cannot be written."""
    if not files.get("report"):
        return
    try:
        _files.write_json(files["report"], data)
    except AnsibleActionFail:
        if data["outcome"] != "failed":
            raise


def _drift_results(variables: Mapping[str, Any]) -> Data:
    names = ("drift_definitions", "drift_tables", "drift_models")
    return {name: variables[name] for name in names if name in variables}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
