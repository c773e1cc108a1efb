# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the roles' own pages use the options that the roles have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted((Path(__file__).parents[2] / "roles").iterdir())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_variables_of_the_example_are_options(role: Path) -> None:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    options: dict[str, Any] = specs["main"]["options"]
    required = {name for name, option in options.items() if option.get("required")}
    (example,) = re.findall(r"```yaml\n(.*?)```", (role / "README.md").read_text(), re.DOTALL)
    tasks = [task for task in yaml.safe_load(example) if "ansible.builtin.include_role" in task]
    assert tasks
    for task in tasks:
        given = set(task["vars"])
        assert required <= given <= set(options)
