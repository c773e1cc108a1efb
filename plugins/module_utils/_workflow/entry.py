# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way in and out of the modules which work on this host and open no session: the twin of C(_runner)."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ansible.module_utils.basic import AnsibleModule

from .._errors import Failure


class Host(Protocol):
    """What the flows need of C(AnsibleModule) beside the parameters."""

    def warn(self, warning: str) -> None:
        """Show a warning."""

    def backup_local(self, fn: str) -> str:
        """Copy a file beside itself; the path of the copy."""

    def atomic_move(self, src: str, dest: str) -> None:
        """Put a file in the place of another at once, with the mode and owner of that."""


# The parameters, whether it is a dry run, and the host.
Work = Callable[[Mapping[str, Any], bool, Host], Mapping[str, Any]]


def run_local(options: Mapping[str, Any], work: Work) -> None:
    """Run a module: its result, or one C(fail_json) with what kind of failure it is and the facts known so far."""
    module = AnsibleModule(argument_spec=dict(options), supports_check_mode=True)
    try:
        result = work(module.params, module.check_mode, module)
    except Failure as error:
        module.fail_json(msg=error.message, failure=error.kind, **error.facts)
    except Exception as error:
        module.fail_json(
            msg=f"An error which this module did not expect: {type(error).__name__}: {error}. Please report it.",
            failure="unexpected",
            exception=traceback.format_exc(),
        )
    module.exit_json(**result)
