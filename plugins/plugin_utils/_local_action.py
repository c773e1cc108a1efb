# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action of a module that opens no session: if its host is the controller, the work is done in its worker process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._module import LocalJob, result_of
from ._in_process import WRONG_OPTIONS, InProcessAction, finished, validate


class _Api:
    """What the work needs of AnsibleModule: the values to hide, and warnings."""

    def __init__(self, secrets: set[str]) -> None:
        self.no_log_values = secrets
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


class LocalAction(InProcessAction):
    """The same for a C(LocalJob). Files are moved by AnsibleModule alone: C(moves_files) says that the work does that."""

    job: LocalJob  # type: ignore[assignment]
    moves_files = False

    def _run_here(self, check_mode: bool, with_invocation: bool) -> dict[str, Any] | str:
        result = run_local_here(self.job, check_mode or self.moves_files, self._task.args, with_invocation)
        if not isinstance(result, str) and result.get("changed") and self.moves_files and not check_mode:
            return "it changes a file"
        return result


def run_local_here(
    job: LocalJob, check_mode: bool, args: Mapping[str, Any], with_invocation: bool
) -> dict[str, Any] | str:
    """The result that the module would return, or why only the module itself can give it."""
    options = validate({"argument_spec": dict(job.options)}, args)
    if options is None:
        return WRONG_OPTIONS
    api = _Api(options.secrets)
    result = result_of(lambda: job.work(options.params, check_mode, api))  # type: ignore[arg-type]
    if with_invocation:
        result["invocation"] = {"module_args": options.params}
    return finished(result, [*options.warnings, *api.warnings], api.no_log_values)
