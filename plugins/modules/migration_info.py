#!/usr/bin/python
# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: migration_info
short_description: Read a migration file and check it as a whole
version_added: 0.1.0
description:
  - Reads a migration file on the controller, renders its templates, and checks all of it before anything runs.
  - It reports everything that is wrong at once. An unknown key comes with the nearest known one, and a key that stands twice
    with both lines.
  - The role P(stellarmap.cassandra.migration#role) uses it, and so can a pipeline that checks merge requests.
author:
  - The stellarmap.cassandra contributors (@stellarmap)
extends_documentation_fragment:
  - stellarmap.cassandra._attributes.info
options:
  path:
    description:
      - The migration file. A relative path is relative to the working directory, then to the playbook, then to the playbooks of
        this collection. Its lookups find files next to it.
    type: str
    required: true
  connection:
    description: Connection options that override those of the file, by name.
    type: dict
    default: {}
  application_hosts:
    description:
      - The hosts of the application, as a pattern of the inventory. It takes the place of C(application.hosts) of the file.
      - The file is rendered for each of them, with its variables. Those of the task are known too.
    type: raw
  model_keyspace:
    description:
      - If it is set, even to an empty text, O(path) may be a Python file or a folder of them. It then stands for the migration
        that the model classes ask for, as M(stellarmap.cassandra.cassandra_models_info) reads them. RV(tables) holds all of
        their columns.
      - The keyspace of classes that name none.
    type: str
  approved_plan:
    description: The file of a plan that was approved. It is found as O(path) is.
    type: str
  mode:
    description:
      - What a run is to do with the file, as O(stellarmap.cassandra.migration#role:main:migration_mode).
      - The result then holds what the role P(stellarmap.cassandra.migration#role) needs for it, and RV(tables) and RV(options)
        are those of this mode. If the mode touches services, M(stellarmap.cassandra.app_service) sees on the host whether all
        is there that they need.
    type: str
    choices: [migrate, plan, verify, rollback]
  confirm:
    description: As O(stellarmap.cassandra.rollback#role:main:rollback_confirm), for V(rollback).
    type: str
    default: ""
  all_listed:
    description: As O(stellarmap.cassandra.rollback#role:main:rollback_all_listed), for V(rollback).
    type: bool
    default: false
  clusters:
    description: Whether each host of the play stands for a cluster. It is an error if two of them are the same one.
    type: bool
    default: false
  writes:
    description: Files that the run writes on the controller. It is an error if the folder of one is missing.
    type: list
    elements: str
    default: []
notes:
  - The result may hold passwords, so it is never shown. A file that is refused is told by its keys and shapes, without values.
"""

EXAMPLES = r"""
- name: Check a migration file
  stellarmap.cassandra.migration_info:
    path: "{{ migration_file }}"
  register: migration

- name: Show the tables that it changes
  ansible.builtin.debug:
    msg: "{{ migration.tables | selectattr('table', 'defined') | map(attribute='table') | join(', ') }}"
"""

RETURN = r"""
title:
  description: What the migration is called.
  returned: success
  type: str
  sample: migration
cql_file:
  description: The name of the file for a DBA.
  returned: success
  type: str
  sample: migration.cql
requires_approved_plan:
  description: Whether the file may change its tables with an approved plan only.
  returned: success
  type: bool
  sample: false
tables:
  description: The user-defined types and then the tables, as the option O(stellarmap.cassandra.cassandra_column#module:tables).
  returned: success
  type: list
  elements: dict
options:
  description: Other options of M(stellarmap.cassandra.cassandra_column), by name.
  returned: success
  type: dict
connection:
  description: Connection options, by name.
  returned: success
  type: dict
application:
  description: The section C(application).
  returned: success
  type: dict
steps:
  description: The roles that the file has a section for, in the order of their steps. The section notify is not one of them.
  returned: success
  type: list
  elements: str
  sample: [model_fields, services]
roles:
  description: For each role all its options without their prefix, with the defaults of the role for what the file does not say.
  returned: success
  type: dict
hosts:
  description: For each host of an application on many hosts its C(steps) and C(roles), by the variables of the host.
  returned: if the file or O(application_hosts) names hosts of the application
  type: dict
approved_plan:
  description: The content of O(approved_plan). Null if there is none.
  returned: success
  type: dict
started_at:
  description: The time of the run.
  returned: success
  type: str
  sample: "2026-11-25T12:00:00.250+00:00"
user:
  description: The user who runs the play, as the environment (C(LOGNAME), C(USER)) or the operating system says.
  returned: success
  type: str
  sample: ada
is_of_models:
  description: Whether O(path) holds model classes, and is no migration file.
  returned: success
  type: bool
unread:
  description: The Python files that could not be read, of a folder of model classes. The others are compared.
  returned: if O(path) holds model classes
  type: list
  elements: dict
  sample: []
  contains:
    path:
      description: The file.
      type: str
      sample: shop/models.py
    msg:
      description: Why it could not be read.
      type: str
      sample: shop/models.py is no valid Python source for Python 3.11, which runs this module (line 1).
digest:
  description: The digest of the file. Empty if it holds model classes.
  returned: success
  type: str
  sample: sha256:0f343b0931126a20f133d67c2b018a3b5f8c5a0e4d1d0e9c0b0d8c0f3b1a2c4d
failure:
  description: The kind of the failure, V(invalid_input).
  returned: failure
  type: str
  sample: invalid_input
"""
