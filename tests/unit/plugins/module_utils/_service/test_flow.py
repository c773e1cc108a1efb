# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of one run in their order, with real processes and without Ansible: what is due, acted on, and watched."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import Failure
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service import decide
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.flow import ensure_services
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.memory import read_memory
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import OPTIONS

START = "setsid {program} >>web.log 2>&1 </dev/null & echo $! >web.pid\n"
RESTART = 'test -f web.pid && kill -9 "$(cat web.pid)"\n' + START
# Its worker is replaced by a HUP, and its main process stays. A shell cannot trap what nohup ignores for all of its children.
PREFORK = 'trap "kill \\$w; sleep 600 & w=\\$!" HUP; sleep 600 & w=$!; while :; do sleep 0.1; done'


class Api:
    def __init__(self):
        self.no_log_values, self.warnings = set(), []

    def warn(self, warning):
        self.warnings.append(warning)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "restart.sh").write_text(RESTART.format(program="sleep 600"))
    (tmp_path / "code").write_text("old")
    time.sleep(0.05)
    yield tmp_path
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.killpg(int((tmp_path / "web.pid").read_text()), signal.SIGKILL)


@pytest.fixture
def call(folder, monkeypatch):
    """One call of the module, which takes no process of a second for young."""
    monkeypatch.setattr(decide, "YOUNG", 1.0)

    def run(service, check=False, **more):
        web = {"name": "Web", "manager": "command", "argv": ["sh", "restart.sh"], "chdir": str(folder), "timeout": 30}
        web.update(
            {"pid_file": "web.pid", "log_file": "web.log", "ready": {"stable_for": 0.2, **service.pop("ready", {})}}
        )
        given = {
            "services": [{**web, **service}],
            "watch": [str(folder / "code")],
            "state_file": str(folder / "state"),
            **more,
        }
        validated = ArgumentSpecValidator(OPTIONS).validate(given)
        assert not validated.error_messages
        run.api = Api()
        return ensure_services(validated.validated_parameters, check, run.api)

    return run


@pytest.fixture
def restart(call):
    """All calls of one run, as the role makes them."""

    def run(service, **more):
        first = call(dict(service), **more)
        if not first["due"]:
            return first
        acts = []
        for due in first["due"]:
            try:
                acts.append(call(dict(service), act=due["name"], **more))
            except Failure as error:
                acts.append({"failure": error.kind, "msg": error.message, **error.facts})
        return call(dict(service), earlier=[first, *acts], **more)

    return run


def status(result):
    (service,) = result["services"]
    return service["status"]


def test_a_run_and_the_next_one(folder, call, restart):
    assert status(call({}, check=True)) == "would_restart"
    assert not (folder / "web.pid").exists()
    done = restart({})
    assert (status(done), done["changed"], done["services"][0]["proven"]) == ("restarted", True, True)
    old = int((folder / "web.pid").read_text())
    assert status(restart({"ready": {"argv": ["true"]}})) == "unchanged"
    (folder / "code").write_text("new")
    assert call({}, check=True)["services"][0]["reason"] == f"its process is older than {folder}/code"
    assert call({}, try_only=True)["services"][0]["status"] == "not_reached"
    assert status(restart({})) == "restarted"
    assert int((folder / "web.pid").read_text()) != old
    assert status(restart({}, restart=True)) == "restarted"


def test_a_reload(folder, restart):
    (folder / "restart.sh").write_text(RESTART.format(program=f"env --default-signal=HUP sh -c '{PREFORK}'"))
    restart({})
    (folder / "code").write_text("new")
    time.sleep(0.3)
    old = (folder / "web.pid").read_text()
    reloaded = restart({"reload": True, "argv": []})
    assert (status(reloaded), (folder / "web.pid").read_text()) == ("reloaded", old)


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        (
            {"argv": ["./none"]},
            "check_failed",
            "Web: nothing was stopped, because ./none is no program that can be executed.",
        ),
        (
            {"check_argv": ["sh", "-c", "echo Error: $A; exit 3"]},
            "check_failed",
            "ended with status 3. Its last log lines:\nError: ********",
        ),
        ({"argv": ["sh", "start.sh"]}, "restart_failed", "Web did not come back within 1 s: the old process "),
        ({"argv": ["false"]}, "restart_failed", "Web could not be restarted: false ended with status 1."),
        ({"ready": {"port": 1}}, "restart_failed", "Web is not ready: nothing answers on 127.0.0.1:1 within 1 s."),
        ({"ready": {"argv": ["sh", "-c", "echo $A; exit 1"]}}, "restart_failed", "ended with status 1 (********)."),
    ],
)
def test_what_fails(folder, restart, more, kind, said):
    restart({})
    old = int((folder / "web.pid").read_text())
    (folder / "start.sh").write_text(START.format(program="sleep 600"))
    with pytest.raises(Failure) as raised:
        restart({"timeout": 1, "environment": {"A": "marker-secret"}, **more}, restart=True)
    assert raised.value.kind == kind
    assert said in raised.value.message
    assert (raised.value.facts["failed_service"], status(raised.value.facts)) == ("Web", "failed")
    # A process that is there a little later may be one of many that a manager starts: that is looked at longer.
    remembered, _damage = read_memory(str(folder / "state"))
    assert any(one.failed is not None for one in remembered.values()) == (kind == "restart_failed")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(old, signal.SIGKILL)


def test_what_does_not_stay_up(folder, restart):
    (folder / "restart.sh").write_text(RESTART.format(program="sh -c 'sleep 0.4; echo Error: gone'"))
    with pytest.raises(Failure) as raised:
        restart({"ready": {"stable_for": 1}})
    assert raised.value.kind == "not_stable"
    assert raised.value.message.startswith("Web did not stay up: it ran, and ended within 1 s")
    assert raised.value.facts["services"][0]["log"] == ["Error: gone"]


def test_a_person_restarts_it(call):
    by_hand = {"manager": "manual", "pid_file": None, "instructions": "Press the button."}
    waiting = call(dict(by_hand))
    assert (status(waiting), waiting["remaining"][0]["instructions"]) == ("waiting", "Press the button.")
    assert status(call(dict(by_hand), confirmed=["Web"])) == "confirmed"
    assert status(call(dict(by_hand))) == "confirmed"
    assert status(call(dict(by_hand), changed=True)) == "waiting"
    assert status(call(dict(by_hand))) == "waiting"
