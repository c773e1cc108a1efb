# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The one place that touches what ansible-core does not document: a module's C(main) called as Ansible's wrapper does.

AnsibleModule validates, censors and formats in this process exactly as it does in a module's own. For as long as it runs,
it is handed its arguments, and collects its warnings, where a module does; all of that is put back afterwards.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.module_utils import basic
from ansible.module_utils.ansible_release import __version__
from ansible.module_utils.common import warnings
from ansible.vars import clean

try:  # ansible-core 2.19 and later
    from ansible.module_utils import _internal
    from ansible.module_utils.common.json import Direction, get_module_encoder
except ImportError:
    from ansible.parsing.ajson import AnsibleJSONEncoder

    _internal = None

_FIRST, _LAST = (2, 16), (2, 21)
_PROFILE = "legacy"

if _internal is not None:
    # Asked for here, in the parent of all workers: each of them would find both anew.
    _ENCODERS = {direction: get_module_encoder(_PROFILE, direction) for direction in Direction}


def is_known(version: str = __version__) -> bool:
    """Whether this is an ansible-core whose undocumented parts are known to be as they are used here."""
    return _FIRST <= tuple(int(part) for part in version.split(".")[:2]) <= _LAST


def run_main(main: Callable[[], None], args: Mapping[str, Any]) -> str:
    """What a module's C(main) prints when it is given these arguments."""
    output = io.StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="in-process-", dir=constants.DEFAULT_LOCAL_TMP) as folder,
        _process_restored(),
    ):
        given = _encode({"ANSIBLE_MODULE_ARGS": {**args, "_ansible_tmpdir": folder}})
        with _as_module(given), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            main()
    return output.getvalue()


def as_result(action: Any, output: str) -> dict[str, Any]:
    """The result in what a module printed, as C(ActionBase._execute_module) makes it."""
    printed = {"stdout": output, "stdout_lines": output.splitlines(), "stderr": "", "stderr_lines": [], "rc": 0}
    result = action._parse_returned_data(printed, *([] if _internal is None else [_PROFILE]))
    if isinstance(result, dict):
        clean.remove_internal_keys(result)
        return result
    result.remove_internal_keys()  # ansible-core 2.21 has a class for results
    as_dict: dict[str, Any] = result.as_result_dict(for_round_trip=True)
    return as_dict


def _encode(args: Mapping[str, Any]) -> bytes:
    """The arguments as a module gets them, with vaulted values in the clear."""
    if _internal is None:
        # pylint: disable-next=used-before-assignment
        return json.dumps(args, cls=AnsibleJSONEncoder, vault_to_text=True).encode()
    return json.dumps(args, cls=_ENCODERS[Direction.CONTROLLER_TO_MODULE]).encode()


@contextlib.contextmanager
def _as_module(given: bytes) -> Iterator[None]:
    """Let AnsibleModule find what it finds in a process of its own."""
    with contextlib.ExitStack() as stack:

        def put(owner: Any, name: str, value: Any) -> None:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        put(basic, "_ANSIBLE_ARGS", given)
        put(warnings, "_global_warnings", type(warnings._global_warnings)())
        put(warnings, "_global_deprecations", type(warnings._global_deprecations)())
        if _internal is not None:
            put(basic, "_ANSIBLE_PROFILE", _PROFILE)
            put(basic, "_PARSED_MODULE_ARGS", basic._PARSED_MODULE_ARGS)
            # In a controller warnings are shown at once, instead of being returned with the result.
            put(_internal, "is_controller", False)
        yield


@contextlib.contextmanager
def _process_restored() -> Iterator[None]:
    """Put back what a module may change of its process: another item of a loop runs in the same one."""
    environment, folder = dict(os.environ), os.open(".", os.O_RDONLY)
    try:
        yield
    finally:
        os.fchdir(folder)
        os.close(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
