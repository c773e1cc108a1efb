# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task in the controller's process, without a private name of ansible-core, and with an error of our own code."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._runner import Job
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils import _ansible_core, _in_process
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._obstacles import unreachable

KEYWORDS = {"action": "cassandra_column", "check_mode": False, "diff": True, "async_val": 0}


def action(*missing: str) -> Any:
    task = SimpleNamespace(dump_attrs=lambda: dict(KEYWORDS))
    one = SimpleNamespace(_task=task, _connection=SimpleNamespace(transport="local"), _loader=None)
    for name in missing:
        delattr(task if name == "dump_attrs" else one, name)
    return one


@pytest.mark.parametrize("name", ["dump_attrs", "_connection"])
def test_without_a_private_name_a_task_runs_as_a_module(name: str) -> None:
    assert isinstance(_ansible_core.read_task(action(), {}), _ansible_core.Task)
    assert _ansible_core.read_task(action(name), {}) == name
    assert _in_process._obstacle("auto", name, {}) == f"this version of ansible-core has no {name}"


def test_without_a_private_name_the_other_plugins_know_less(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"ansible_check_mode": True, "ansible_diff_mode": False}
    assert _ansible_core.keywords(action(), known)["check_mode"] is False
    assert _ansible_core.keywords(action("dump_attrs"), known) == {"check_mode": True, "diff": False}
    assert _ansible_core.is_local(action()) is True
    assert _ansible_core.is_local(action("_connection")) is False
    with _ansible_core.in_check_mode(action()) as only_reads:
        assert not only_reads
    monkeypatch.delattr("ansible.context.CLIARGS")
    monkeypatch.delattr("ansible.utils.vars.load_extra_vars")
    assert _ansible_core.command_line() == {}
    assert _ansible_core.extra_variables(None) == {}


# What the guides for plugins show of an action: its arguments, and what loads files.
SHOWN = {"_task.args", "_loader.get_basedir"}


def test_every_private_name_is_in_that_file() -> None:
    found = {}
    names = "|".join(one.name for one in _ansible_core.NAMES if not one.name.startswith("_"))
    for path in Path(_ansible_core.__file__).parents[1].rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "module_utils" not in path.parts and path.name != "_ansible_core.py":
            uses = {*re.findall(r"\bself\.(_(?:task|templar|play_context|loader|connection)\.\w+)", text)} - SHOWN
            found[path.name] = uses | set(re.findall(rf"\b(?:{names})\b", text))
    assert {name: uses for name, uses in found.items() if uses} == {}


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
