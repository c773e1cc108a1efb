#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: cassandra_models_info
short_description: Compare model classes with their tables, and draft the migration
version_added: 0.1.0
description:
  - Reads the model classes of C(cassandra.cqlengine) or C(django-cassandra-engine) in Python files, and the tables that
    belong to them. It changes nothing.
  - RV(draft) is the text of a migration file for what the tables lack. That is fields without a column, and fields that are
    commented out.
  - A column has the type that the engine would create. The files are read and never imported or run. What only a run shows is
    listed in RV(undecided), and is not in the draft.
  - Base classes, user-defined types and columns of other files are followed to the files that a model file imports, next to it
    or below one of the folders around it.
  - The playbook C(stellarmap.cassandra.draft) writes the draft to a file.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._connection
  - stellarmap.cassandra._attributes.info
  - stellarmap.cassandra._attributes.action_group
options:
  models:
    description:
      - The Python files, or folders of such files, on the host that runs the module.
      - Of a folder, hidden folders, and those called V(migrations), V(node_modules), V(site-packages), and V(__pycache__) are
        left out. A file in a folder that cannot be read is listed in RV(undecided).
    type: list
    elements: path
    required: true
  keyspace:
    description:
      - The keyspace of classes that have no C(__keyspace__), which is the one that the application connects to. It also
        counts for a class whose C(__keyspace__) is an expression.
    type: str
seealso:
  - module: stellarmap.cassandra.migration_info
    description: Read a migration file.
  - module: stellarmap.cassandra.model_fields
    description: Enable fields that are commented out.
"""

EXAMPLES = r"""
- name: Which columns do the models lack?
  stellarmap.cassandra.cassandra_models_info:
    login_host: db1.example.com
    models: [/srv/shop/models.py]
    keyspace: shop
  register: models

- name: Write the migration
  ansible.builtin.copy:
    content: "{{ models.draft }}"
    dest: new.yml
    mode: "0644"
  delegate_to: localhost
  when: models.draft | length > 0
"""

RETURN = r"""
compared:
  description: The classes that have a table. C(unknown_bases) are base classes whose files were not found. Their
    fields are not compared.
  returned: success
  type: list
  elements: dict
  sample:
    - {path: /srv/shop/models.py, line: 4, class_name: Order, keyspace: shop, table: orders, unknown_bases: []}
tables:
  description: The tables that lack something, each with the columns of the draft.
  returned: success
  type: list
  elements: dict
  contains:
    keyspace:
      description: The keyspace, as the server stores its name.
      type: str
      sample: shop
    table:
      description: The table, as the server stores its name.
      type: str
      sample: orders
    columns:
      description: >-
        The columns, each with C(name), C(type), and C(static), whether the table has it already (C(present)), and the field that
        it comes from: C(path), C(line), C(class_name), C(field), and whether it is C(commented) out.
      type: list
      elements: dict
undecided:
  description: What you have to decide, each with C(what), C(path), C(line), C(class_name), and C(field).
  returned: success
  type: list
  elements: dict
draft:
  description: The text of the migration file. Empty if nothing is missing.
  returned: success
  type: str
cluster:
  description: The cluster, as RV(stellarmap.cassandra.cassandra_schema_info#module:cluster).
  returned: success
  type: dict
failure:
  description:
    - What kind of failure it is, for playbooks that want to tell them apart. The same words as in
      M(stellarmap.cassandra.cassandra_column).
  returned: failure
  type: str
  sample: invalid_input
"""

from ansible_collections.stellarmap.cassandra.plugins.module_utils._python import MINIMUM  # noqa: F401

# isort: split
from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.flow import compare_models, read_wanted
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job, run

_OPTIONS = {
    "models": {"type": "list", "elements": "path", "required": True},
    "keyspace": {"type": "str", "no_log": False},
}
JOB = Job(_OPTIONS, read_wanted, compare_models)


def main() -> None:
    run(JOB)


if __name__ == "__main__":
    main()
