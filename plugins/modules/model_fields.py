#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: model_fields
short_description: Enable or disable commented-out fields of a Python class
version_added: 0.1.0
description:
  - Turns fields of a class that are commented out into code, or comments them out, in place. All else stays byte for byte.
  - Fields are found by the names of the class and of the field, never by line numbers. Words about a field in a comment
    are not taken for the field, and neither are fields of the same name in another class.
  - A field may take several lines. The comment sign may stand at the indentation of the class or at the beginning of the
    line.
  - The new text must compile with the Python that runs the module. It must say the same as before except for these
    fields. It then replaces the file in one step, with its mode, owner, access control list and extended attributes.
  - Two runs at once wait for each other, for up to 60 seconds, by a lock on the folder. No change is lost.
  - After a failure the file is as it was.
notes:
  - The module reads the file and does not run it. What it cannot know is in RV(notes), such as a base class of another
    file. The check of your application answers the rest, for example C(manage.py check).
  - A file with several names (hard links) is refused, and a symbolic link stays one.
  - A file of more than 1 MiB is refused.
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
      - V(enabled) makes code of the fields. One that is code already is fine.
      - A field is a call of a constructor whose name begins with a capital letter, such as C(columns.Text), or that makes
        another field of the class.
      - V(enabled) fails if a field is neither code nor commented out, or commented out twice; if it belongs to a class, a
        function or another block that is commented out itself; if it is a part of the primary key; if the class or one of
        its bases in this file has the name already; if it would hide what the class body uses further down; or if it uses
        what the file does not import before it.
      - V(disabled) comments the fields out. One that is not there at all is fine.
      - V(disabled) fails if the field is a part of the primary key, or not one plain line of the class. It also fails if
        anything else in the class, in its bases in this file, or next to the name of the class names the field. The
        failure lists the lines.
    type: str
    choices: [enabled, disabled]
    default: enabled
  backup:
    description: Whether to keep a copy of the file next to it, with the time in its name.
    type: bool
    default: false
  try_only:
    description:
      - Whether to see only if the fields can become as O(state) says, before the play changes something that they need. The
        file is read as in check mode, and not changed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Enable the fields whose columns are there now
  stellarmap.cassandra.model_fields:
    path: /srv/shop/models.py
    class_name: Order
    fields: [source, last_attempt]

- name: Read the state of the fields without a change
  stellarmap.cassandra.model_fields:
    path: /srv/shop/models.py
    class_name: Order
    fields: [source, last_attempt]
    state: disabled
  check_mode: true
  register: order_fields
"""

RETURN = r"""
path:
  description: The file; if O(path) is a symbolic link, the file it leads to.
  returned: success
  type: str
  sample: /srv/shop/models.py
class_name:
  description: The class.
  returned: success
  type: str
  sample: Order
fields:
  description: The fields in the order of the task, each once. Check mode reads them without a change of the file.
  returned: success, and a failure that is about fields
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: source
    state:
      description:
        - What the file says about the field when the module ends. In check mode that is what it says before the change.
        - V(enabled) is code on a plain line of the class, and a call of a constructor.
        - V(disabled) is commented out.
        - V(absent) is neither.
        - V(inherited) is not a name of the class, but of a base class in the same file.
        - V(conflict) is set in another way, more than once, or to what is no field.
      type: str
      sample: enabled
    line:
      description: The line of the field, or the first line that RV(fields[].reason) is about. Null if there is none.
      type: int
      sample: 31
    kind:
      description: The constructor as the file writes it. Null if there is none.
      type: str
      sample: cassandra_columns.Text
    reason:
      description: Why it is not V(enabled) or V(disabled), or cannot become so, with line numbers.
      returned: if there is one
      type: str
      sample: "Source (line 31) is a part of the primary key, which no migration can change."
    notes:
      description: >-
        What the line requires of the table, such as C(db_field), C(static) and C(index), and which lines keep the field
        from being disabled.
      type: list
      elements: str
      sample: ["Line 31 says static=True: column source must be static in the table, or queries of the application fail."]
    changed:
      description: Whether the module switched the field, or would do so in check mode.
      returned: success
      type: bool
      sample: true
notes:
  description: What the file alone cannot tell about the class.
  returned: success
  type: list
  elements: str
  sample: ["Base class Model is not in this file: whether the class has a field of these names cannot be known."]
backup_file:
  description: The copy of the file before the change.
  returned: with O(backup), if the file was changed
  type: str
  sample: /srv/shop/models.py.4711.2026-11-23@18:00:00~
failure:
  description: What kind of failure it is, V(invalid_input), V(field_unclear), V(refused) or V(locked).
  returned: failure
  type: str
  sample: field_unclear
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import LocalJob, run_local
from ansible_collections.stellarmap.cassandra.plugins.module_utils._source.edit import edit_fields

_OPTIONS = {
    "path": {"type": "path", "required": True},
    "class_name": {"type": "str", "required": True},
    "fields": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
    "backup": {"type": "bool", "default": False},
    "try_only": {"type": "bool", "default": False},
}
JOB = LocalJob(_OPTIONS, edit_fields, moves_files=True)


def main() -> None:
    run_local(JOB)


if __name__ == "__main__":
    main()
