# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A pure function as a filter, whose failures are sentences for Ansible."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import Failure


def explained(work: Callable[..., Any]) -> Callable[..., Any]:
    """The filter; it raises AnsibleFilterError with the sentence of the Failure."""

    @functools.wraps(work)
    def run(*given: Any, **options: Any) -> Any:
        try:
            return work(*given, **options)
        except Failure as error:
            raise AnsibleFilterError(error.message) from error

    return run
