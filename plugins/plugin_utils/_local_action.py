# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action of a module that opens no session: if its host is the controller, the work is done in its worker process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._clean import one_line
from ..module_utils._module import LocalJob, result_of
from ._in_process import WRONG_OPTIONS, InProcessAction, as_json, finished


class _Api:
    """What the work needs of AnsibleModule: the values to hide, and warnings."""

    def __init__(self) -> None:
        self.no_log_values: set[str] = set()
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(one_line(warning))


class LocalAction(InProcessAction):
    """The same for a C(LocalJob). Files are moved by AnsibleModule alone: C(moves_files) says that the work does that."""

    job: LocalJob  # type: ignore[assignment]
    moves_files = False

    def _run_here(self, keywords: Mapping[str, Any], with_invocation: bool) -> dict[str, Any] | str:
        check_mode = bool(keywords["check_mode"])
        result = run_local_here(self.job, check_mode or self.moves_files, self._task.args, with_invocation)
        if not isinstance(result, str) and result.get("changed") and self.moves_files and not check_mode:
            return "it changes a file"
        return result


def run_local_here(
    job: LocalJob, check_mode: bool, args: Mapping[str, Any], with_invocation: bool
) -> dict[str, Any] | str:
    """The result that the module would return, or why only the module itself can give it."""
    given, api = as_json(args), _Api()
    validated = ArgumentSpecValidator(dict(job.options)).validate(given)
    if validated.error_messages:
        return WRONG_OPTIONS
    params = validated.validated_parameters
    result = result_of(lambda: job.work(params, check_mode, api))  # type: ignore[arg-type]
    if with_invocation:
        result["invocation"] = {"module_args": params}
    return finished(result, api.warnings, api.no_log_values)
