# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file below the modules that knows AnsibleModule: it turns work into results and failures into one answer."""

from __future__ import annotations

import atexit
import gc
import os
import tempfile
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._connection.options import connection_options, connection_rules
from ._connection.session import Session, open_session
from ._connection.settings import Settings, read_settings
from ._driver import LIBRARY, silent_driver
from ._errors import Failure, MissingDriver

Wanted = TypeVar("Wanted")
_DRIVER_URL = "https://pypi.org/project/cassandra-driver/"


class ModuleApi(Protocol):
    """What a module without a session needs of C(AnsibleModule) beside the parameters."""

    # What Ansible replaces wherever it appears in the result.
    no_log_values: set[str]

    def warn(self, warning: str) -> None:
        """Show a warning."""

    def backup_local(self, fn: str) -> str:
        """Copy a file beside itself; the path of the copy."""

    def atomic_move(self, src: str, dest: str) -> None:
        """Put a file in the place of another at once, with the mode and owner of that."""


# The parameters, whether it is a dry run, and what AnsibleModule offers.
LocalWork = Callable[[dict[str, Any], bool, ModuleApi], Mapping[str, Any]]


def run(
    options: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], Wanted],
    work: Callable[[Session, Wanted, bool], Mapping[str, Any]],
    **rules: list[list[str]],
) -> None:
    """Run a module: C(read) checks its parameters, C(work) gets a session, what was read, and whether it is a dry run.

    C(rules) are keyword arguments of AnsibleModule beside those of the connection, such as C(required_together).
    """
    # Without this an interpreter that ends looks through all objects once more: a tenth of a module's time.
    atexit.register(gc.freeze)
    every_rule = connection_rules()
    for name, groups in rules.items():
        every_rule[name] = [*every_rule.get(name, []), *groups]
    module = AnsibleModule(argument_spec={**connection_options(), **options}, supports_check_mode=True, **every_rule)
    warnings: list[str] = []
    try:
        wanted, settings = read(module.params), read_settings(module.params, os.environ)
        with silent_driver(), _open(module, settings) as session:
            warnings = session.warnings
            result = work(session, wanted, module.check_mode)
    except MissingDriver as error:
        library = missing_required_lib(error.library or LIBRARY, url=error.url or _DRIVER_URL)
        module.fail_json(msg=f"{library} ({error.message})", failure=error.kind, exception=error.traceback)
    except Failure as error:
        _warn(module, warnings)
        module.fail_json(msg=error.message, failure=error.kind, **error.facts)
    except Exception as error:
        _fail_unexpectedly(module, error)
    _warn(module, warnings)
    module.exit_json(**result)


def run_local(options: Mapping[str, Any], work: LocalWork) -> None:
    """Run a module that works on this host and opens no session; C(work) gets the parameters and whether it is a dry run."""
    module = AnsibleModule(argument_spec=dict(options), supports_check_mode=True)
    try:
        result = work(module.params, module.check_mode, module)
    except Failure as error:
        module.fail_json(msg=error.message, failure=error.kind, **error.facts)
    except Exception as error:
        _fail_unexpectedly(module, error)
    module.exit_json(**result)


def _fail_unexpectedly(module: AnsibleModule, error: Exception) -> None:
    module.fail_json(
        msg=f"Unexpected error in this module: {type(error).__name__}: {error}. Report it as an issue of the collection.",
        failure="unexpected",
        exception=traceback.format_exc(),
    )


def _open(module: AnsibleModule, settings: Settings) -> Session:
    """The session; the driver unpacks a bundle into a folder that Ansible removes even if the module is killed."""
    if not settings.bundle:
        return open_session(settings)
    before, tempfile.tempdir = tempfile.tempdir, module.tmpdir
    try:
        return open_session(settings)
    finally:
        tempfile.tempdir = before


def _warn(module: AnsibleModule, warnings: list[str]) -> None:
    for warning in dict.fromkeys(warnings):
        module.warn(warning)
