# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task in the controller's process, without a private name of ansible-core, and with an error of our own code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.basic import env_fallback
from ansible.plugins.action import ActionBase

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils import _ansible_core, _in_process
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._obstacles import unreachable

KEYWORDS = {"action": "cassandra_column", "check_mode": False, "diff": True, "async_val": 0, "delegate_to": None}
KEYWORDS |= {"become": None, "environment": []}
LOCAL = {"ansible_connection": "local"}


def action(**task: Any) -> Any:
    return SimpleNamespace(_task=SimpleNamespace(**task), _loader=None)


def test_without_a_private_name_a_task_runs_as_a_module() -> None:
    task = _in_process.read_task(action(dump_attrs=lambda: dict(KEYWORDS)), LOCAL)
    assert task is not None
    assert task.variable("ansible_connection") == "local"
    assert _in_process.read_task(action(), LOCAL) is None
    for name in KEYWORDS:
        without = {one: value for one, value in KEYWORDS.items() if one != name}
        assert _in_process.read_task(action(dump_attrs=lambda found=without: found), LOCAL) is None
    assert "does not tell the keywords" in str(_in_process._obstacle("auto", None, LOCAL))


def test_without_a_private_name_the_other_plugins_know_less() -> None:
    known = {"ansible_check_mode": True, "ansible_diff_mode": False}
    assert _ansible_core.keywords(action(dump_attrs=lambda: dict(KEYWORDS)), known)["check_mode"] is False
    assert _ansible_core.keywords(action(), known) == {"check_mode": True, "diff": False}
    for hosts in ({"web": {"port": 80}}, HostVars({"web": {"port": 80}})):
        assert _ansible_core.variables_of("web", {"port": 1, "path": "/", "hostvars": hosts}) == {
            "port": 80,
            "path": "/",
            "hostvars": hosts,
        }


class HostVars(dict):  # type: ignore[type-arg]
    """Those of ansible-core, which render what they are asked for."""

    raw_get = dict.__getitem__

    def __getitem__(self, key: str) -> Any:
        raise AssertionError(key)


def test_without_a_private_name_a_module_runs_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = SimpleNamespace(_execute_module=lambda task_vars: {"changed": task_vars["here"]})
    with monkeypatch.context() as gone:
        gone.delattr("ansible.plugins.action.normal.ActionModule")
        core = importlib.reload(_ansible_core)
        assert core.ModuleAction is ActionBase
        assert core.run_as_module(asked, {"here": True}) == {"changed": True}
    assert importlib.reload(_ansible_core).ModuleAction is not ActionBase


# What the guides show of an action, its arguments, and what loads files; and what the reference of module utilities lists.
SHOWN = re.compile(
    r"self\._(?:task\.args|loader(?:\.get_basedir)?|execute_module|view_\w+)\b"
    r"|ansible\.(?:errors|constants|template|utils\.display|plugins\.(?:action|lookup)(?:\.inventory_hostnames)?)\b"
    r"|ansible\.module_utils\.(?:basic|urls|common\.(?:arg_spec|parameters))\b"
)


def test_every_private_name_is_in_that_file() -> None:
    found: dict[str, set[str]] = {}
    names = "|".join(one.name for one in _ansible_core.NAMES)
    for path in Path(_ansible_core.__file__).parents[1].rglob("*.py"):
        if path.name == "_ansible_core.py" or "modules" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        modules = re.findall(r"^ *(?:from (ansible(?:\.\S+)?) import|import (ansible\S*))", text, re.MULTILINE)
        uses = {*re.findall(r"\bself\._(?:task|templar|play_context|loader|connection)\.\w+", text)}
        uses |= {"".join(one) for one in modules if one[0] != "ansible"}
        found[path.name] = {one for one in uses if not SHOWN.match(one)} | {
            *re.findall(rf"\b(?:{names})\b(?!\()", text)
        }
    assert {name: uses - {"ActionModule"} for name, uses in found.items() if uses - {"ActionModule"}} == {}


def run(read: Any, **given: Any) -> dict[str, Any]:
    result = _in_process.run_here(Job({"name": {"type": "str"}}, read, lambda *_: {}), False, given)
    assert not isinstance(result, str)
    return result


def refuse(_params: Any) -> Any:
    raise InvalidInput("the password s3cret is too long", hint="take a shorter one")


def test_a_failure_has_its_kind_and_no_secret() -> None:
    result = run(refuse, login_user="me", login_password="s3cret")
    shown = {name: result[name] for name in ("failed", "failure", "msg", "hint")}
    assert shown == {
        "failed": True,
        "failure": "invalid_input",
        "msg": "the password ******** is too long",
        "hint": "take a shorter one",
    }
    assert "s3cret" not in str(result)


@pytest.mark.parametrize(
    ("given", "environment", "warned", "hidden"),
    [
        ({"a": 1, "alias": 2}, {}, ["alias"], set()),
        ({"alias": 1, "other": 2}, {}, ["other"], set()),
        ({"alias": 1}, {}, [], set()),
        ({"alias": 1}, {"FROM": "x"}, ["alias"], set()),
        ({"secret": "s"}, {}, [], {"s"}),
        ({"secret": True}, {}, [], set()),
        ({"secret": ["s", {"t": 1.5}]}, {}, [], {"s", "1.5"}),
        ({"key": "s"}, {}, [], {"s"}),
        ({}, {"SECRET": "s"}, [], {"s"}),
        ({"parts": [{"inner": "s"}]}, {}, [], {"s"}),
        ({"part": {"inner": 7}}, {}, [], {"7"}),
    ],
)
def test_what_is_warned_of_and_hidden(
    monkeypatch: pytest.MonkeyPatch, given: Any, environment: dict[str, str], warned: list[str], hidden: set[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    inner = {"inner": {"type": "str", "no_log": True}}
    spec = {
        "a": {"type": "str", "aliases": ["alias", "other"], "fallback": (env_fallback, ["FROM"])},
        "secret": {"type": "str", "no_log": True, "aliases": ["key"], "fallback": (env_fallback, ["SECRET"])},
        "parts": {"type": "list", "elements": "dict", "options": inner},
        "part": {"type": "dict", "options": inner},
    }
    options = _in_process.validate({"argument_spec": spec}, given)
    assert options is not None
    assert options.warnings == [f"Both option a and its alias {alias} are set." for alias in warned]
    assert options.secrets == hidden


@pytest.mark.parametrize("value", [b"1", {2: 3, None: 4, ("a",): 5}, object])
def test_what_ansible_cannot_send_is_left_to_the_module(value: Any) -> None:
    options = _in_process.validate({"argument_spec": {"a": {"type": "raw"}}}, {"a": value})
    assert options is None or value is object


def test_the_module_itself_says_what_is_wrong_with_its_options() -> None:
    job = Job({"name": {"type": "str"}}, refuse, lambda *_: {})
    assert _in_process.run_here(job, False, {"nmae": "x"}) == _in_process.WRONG_OPTIONS


def test_an_error_of_our_own_has_its_traceback() -> None:
    result = run(lambda params: params["nope"])
    assert (result["failed"], result["failure"]) == (True, "unexpected")
    assert result["msg"].startswith("Unexpected error in this module: KeyError: 'nope'.")
    assert result["traceback"][-1] == "KeyError: 'nope'"
    assert result["exception"].splitlines() == result["traceback"]


@pytest.mark.parametrize(
    ("delegate_to", "host", "helps"),
    [(None, "localhost", True), (None, "web1", False), ("web1", "localhost", False), ("127.0.0.1", "web1", True)],
)
def test_a_list_of_hosts_with_this_machine_is_explained(delegate_to: str | None, host: str, helps: bool) -> None:
    told = unreachable("ssh: refused", {"delegate_to": delegate_to}, {"inventory_hostname": host})["msg"]
    assert told.startswith("Ansible could not reach this host: ssh: refused.")
    assert ("give -c local" in told) is helps
