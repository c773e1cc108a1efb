# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows a text as text, and passes the data behind it on; plugins/modules/report.py documents it."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.outcome import outcome


class ActionModule(ActionBase):  # type: ignore[misc]
    """It connects to nothing and changes nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            {
                "text": {"type": "str"},
                "data": {"type": "dict", "default": {}},
                "stat": {"type": "str"},
                "view": {"type": "str", "choices": ["checks"]},
                "results": {"type": "dict", "default": {}},
                "fails": {"type": "bool", "default": True},
            }
        )
        if args["view"] == "checks":
            args["data"] = outcome(args["results"], self._task.check_mode)
            # Who includes the role and lets it not fail shows the checks in a report of their own.
            if not args["fails"] or "failure" in args["data"]:
                return {**result, **args["data"], "failed": args["fails"]}
        text = args["data"].get("msg") if args["text"] is None else args["text"]
        if text is None:
            raise AnsibleActionFail("Give 'text', or 'data' with a 'msg'.")
        result.update(args["data"])
        result.update(changed=False, msg=text)
        if args["stat"]:
            result["ansible_stats"] = {"data": {args["stat"]: args["data"]}, "per_host": False, "aggregate": False}
        # Ansible's own output shows a text as a JSON string: lines end in \n. All others get it in the result.
        if constants.DEFAULT_STDOUT_CALLBACK in ("default", "ansible.builtin.default"):
            Display().display(text)
        else:
            result["_ansible_verbose_always"] = True
        return result
