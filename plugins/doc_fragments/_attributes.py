# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Attributes of the modules of this collection, written once."""

from __future__ import annotations


class ModuleDocFragment:
    # Documentation of a module that may change something.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target operating systems that can be operated against.
    support: full
    platforms: posix
"""

    # Documentation of a module that only reads; use it instead of the one above.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
    details: This module only reads.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: This module only reads.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: This module only reads.
  platform:
    description: Target operating systems that can be operated against.
    support: full
    platforms: posix
"""

    # Documentation of the action group; for the modules that connect to Cassandra.
    ACTION_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/stellarmap.cassandra.cassandra) in C(module_defaults) to set the connection options of all
      modules of this collection at once.
    support: full
    membership:
      - stellarmap.cassandra.cassandra
"""
