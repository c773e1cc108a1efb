# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Run C(model_fields) in the controller's process where that is allowed and no file changes."""

from __future__ import annotations

from ansible_collections.stellarmap.cassandra.plugins.modules.model_fields import JOB
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action of the module of the same name."""

    job = JOB
