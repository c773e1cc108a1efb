# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of a module that runs in this process, with every supported ansible-core."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

try:
    from ansible.module_utils.testing import patch_module_args as module_args
except ImportError:
    # ansible-core 2.16 has no documented way.
    from ansible.module_utils import basic

    @contextlib.contextmanager
    def module_args(args: dict[str, Any]) -> Iterator[None]:
        """AnsibleModule reads these parameters, as long as the context lasts."""
        before = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = before


__all__ = ["module_args"]
