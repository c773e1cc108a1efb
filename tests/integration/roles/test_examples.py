# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the filters about web addresses and notifications work as they stand, but for the address."""

from __future__ import annotations

import ast
import json
import subprocess

import pytest
import yaml

from .conftest import REPOSITORY, Page


@pytest.mark.parametrize("name", ["deliveries"])
def test_the_examples_of_the_filters(name, web, environment, tmp_path):
    web.pages["/health/"] = Page("well")
    tree = ast.parse((REPOSITORY / "plugins" / "filter" / f"{name}.py").read_text())
    (text,) = (one.value for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == "EXAMPLES")
    tasks = yaml.safe_load(ast.literal_eval(text).replace("http://127.0.0.1:8000", web.url))
    play = {"name": "Examples", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = ["ansible-playbook", str(tmp_path / "play.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
