# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file below the modules which knows AnsibleModule: it turns work into results and failures into one answer."""

from __future__ import annotations

import gc
import tempfile
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._connection.options import connection_options, connection_rules
from ._connection.session import Session, open_session
from ._connection.settings import Settings, read_settings
from ._driver import LIBRARY
from ._errors import Failure, MissingDriver

Wanted = TypeVar("Wanted")
_DRIVER_URL = "https://pypi.org/project/cassandra-driver/"


def run(
    options: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], Wanted],
    work: Callable[[Session, Wanted, bool], Mapping[str, Any]],
    **rules: list[list[str]],
) -> None:
    """Run a module: C(read) checks its parameters, C(work) gets a session, what was read, and whether it is a dry run.

    C(rules) are keyword arguments of AnsibleModule beside those of the connection, such as C(required_together).
    """
    every_rule = connection_rules()
    for name, groups in rules.items():
        every_rule[name] = [*every_rule.get(name, []), *groups]
    module = AnsibleModule(argument_spec={**connection_options(), **options}, supports_check_mode=True, **every_rule)
    warnings: list[str] = []
    try:
        wanted, settings = read(module.params), read_settings(module.params)
        with _open(module, settings) as session:
            warnings = session.warnings
            result = work(session, wanted, module.check_mode)
    except MissingDriver as error:
        library = missing_required_lib(LIBRARY, url=_DRIVER_URL)
        module.fail_json(msg=f"{library} ({error.message})", failure=error.kind, exception=error.traceback)
    except Failure as error:
        _warn(module, warnings)
        module.fail_json(msg=error.message, failure=error.kind, **error.facts)
    except Exception as error:
        module.fail_json(
            msg=f"An error which this module did not expect: {type(error).__name__}: {error}. Please report it.",
            failure="unexpected",
            exception=traceback.format_exc(),
        )
    finally:
        # The process ends now. Without this the interpreter looks through all objects once more: a tenth of its time.
        gc.freeze()
    _warn(module, warnings)
    module.exit_json(**result)


def _open(module: AnsibleModule, settings: Settings) -> Session:
    """The session; a bundle is unpacked by the driver into a folder which Ansible removes even if the module is killed."""
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
