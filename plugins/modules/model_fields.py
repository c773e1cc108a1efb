#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: model_fields
short_description: Enable or disable commented-out fields of a Python class
version_added: 0.1.0
description:
  - Turns fields of a class which are commented out into code, or comments them out, in place. All else stays byte for
    byte.
  - Fields are found by the names of the class and of the field, never by line numbers. Words about a field in a comment
    are not taken for the field, and neither are fields of the same name in another class.
  - A field may take several lines, and the comment sign may stand at the indentation of the class or at the beginning of
    the line.
  - The result has to compile, and to say the same as before but for these fields, before it replaces the file in one
    step with its mode and owner.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes
options:
  path:
    description: The Python file.
    type: path
    required: true
  class_name:
    description: The class, C(Outer.Inner) for one inside another.
    type: str
    required: true
  fields:
    description: The fields.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(enabled) makes code of the fields. One which is code already is fine; one which is neither code nor commented out,
        or commented out twice, is a failure, and the file stays as it is.
      - V(disabled) comments them out. One which is not there at all is fine.
    type: str
    choices: [enabled, disabled]
    default: enabled
  remove_comments:
    description: Comment lines of this class to be removed, each in full; the comment sign may be left out.
    type: list
    elements: str
    default: []
  backup:
    description: Whether to keep a copy of the file beside it, with the time in its name.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Enable the fields whose columns are there now
  stellarmap.cassandra.model_fields:
    path: /srv/shop/models.py
    class_name: Order
    fields: [source, last_attempt]
    remove_comments:
      - Enable these after the migration
"""

RETURN = r"""
path:
  description: The file; where O(path) is a link, the file it leads to.
  returned: success
  type: str
  sample: /srv/shop/models.py
fields:
  description: The fields in the order of the task.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: source
    status:
      description: One of V(enabled), V(would_enable), V(already_enabled), V(disabled), V(would_disable), V(already_disabled),
        V(absent).
      type: str
      sample: enabled
removed_comments:
  description: The comment lines which were, or in check mode would be, removed.
  returned: success
  type: list
  elements: str
  sample: ["# Enable these after the migration"]
backup_file:
  description: The copy of the file before the change.
  returned: with O(backup), if the file was changed
  type: str
  sample: /srv/shop/models.py.4711.2026-11-23@18:00:00~
failure:
  description: What kind of failure it is, V(invalid_input), V(field_unclear) or V(refused).
  returned: failure
  type: str
  sample: field_unclear
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.flow import switch_fields


def main() -> None:
    options = {
        "path": {"type": "path", "required": True},
        "class_name": {"type": "str", "required": True},
        "fields": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
        "remove_comments": {"type": "list", "elements": "str", "default": []},
        "backup": {"type": "bool", "default": False},
    }
    run_local(options, switch_fields)


if __name__ == "__main__":
    main()
