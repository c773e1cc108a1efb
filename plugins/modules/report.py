#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Show what a run did as text, and pass on the data behind it
version_added: 0.1.0
description:
  - Shows a text on the screen line by line. M(ansible.builtin.debug) shows it as JSON, in which each line ends in V(\\n).
  - With another output than Ansible's default one, such as JSON, the text is in RV(msg), and is shown on standard error.
  - The data behind the text becomes the result, and with O(stat) a statistic of the play, which a workflow of AWX sees.
  - With O(view) it makes the report of a run from the registered results of its steps. The roles of this collection use it.
  - If the run failed, the task fails with the sentence that says why and what to do. It then returns this sentence, the kind of
    the failure, the step and the outcome, and nothing else. The file that the playbooks call C(report_file) holds the whole
    report.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes.info
options:
  text:
    description: The text. By default it is C(msg) of O(data).
    type: str
  data:
    description: The data behind the text. Each key becomes a key of the result.
    type: dict
    default: {}
  stat:
    description: The name under which O(data) becomes a statistic, as with M(ansible.builtin.set_stats).
    type: str
  view:
    description:
      - V(checks) makes the text and the data of O(results), a line for each check of the role
        C(stellarmap.cassandra.smoke_tests).
    type: str
    choices: [checks]
  results:
    description: With O(view=checks), what the role asked and what its tasks registered.
    type: dict
    default: {}
  fails:
    description: Whether the task fails if a check failed. Otherwise it only returns the failure, and shows nothing.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Show what is left
  stellarmap.cassandra.report:
    text: |-
      shop.orders: 3 columns are missing
      Run the playbook migrate.
    data: {missing: 3}
    stat: orders
"""

RETURN = r"""
msg:
  description: The text.
  returned: success
  type: str
  sample: "Applied: 1 column added, 0 dropped. Ship dates is complete (1.4 s)."
failure:
  description: The kind of the failure.
  returned: if the run failed
  type: str
  sample: conflict
failed_step:
  description: The step that failed.
  returned: if the run failed
  type: str
  sample: columns
hint:
  description: What to do, if the module that failed knows it.
  returned: if the run failed
  type: str
"""
