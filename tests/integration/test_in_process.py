# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules in the controller's process: when they run there, that both modes say the same, and that nothing stays."""

from __future__ import annotations

import contextlib
import gc
import getpass
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from cassandra.cluster import Session

from .conftest import MODE, REPOSITORY, RunningNode, RunPlaybook

HERE = "runs in the controller's process"
MODULE = "runs as a module in a process of its own: "
OTHER_PYTHON = "/usr/bin/python3"

CASES = Path(__file__).with_name("modes.yml")
# What no two runs have in common: the versions of a schema, times, and the fingerprint of a table that was made again.
_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sha256:[0-9a-f]{64}"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+]\d\d:\d\d)?"
)
TASK: dict[str, Any] = {"stellarmap.cassandra.cassandra_schema_info": {}}


@pytest.fixture(autouse=True)
def _no_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests here choose the mode themselves."""
    monkeypatch.delenv(MODE, raising=False)


def write_play(folder: Path, *tasks: dict[str, Any], **play: Any) -> Path:
    path = folder / "play.yml"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **play}]))
    return path


def without_chance(result: Any) -> Any:
    if isinstance(result, dict):
        return {
            _VARYING.sub("...", key): without_chance(value)
            for key, value in result.items()
            if not key.endswith(("seconds", "write_time"))
        }
    if isinstance(result, list):
        return [without_chance(value) for value in result]
    return _VARYING.sub("...", result) if isinstance(result, str) else result


@pytest.mark.promise
def test_both_modes_give_the_same_results(
    node: RunningNode, cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    (tmp_path / "vault").write_text("open sesame")
    login = {"CASSANDRA_USER": "somebody", "CASSANDRA_PASSWORD": "of the environment"}
    results = []
    for mode in ("always", "never"):
        cql.execute(f"DROP TABLE IF EXISTS {keyspace}.t", timeout=30)
        cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, v text)", timeout=30)
        cql.execute(f"INSERT INTO {keyspace}.t (id, v) VALUES (1, 'one')")
        given = {"host": node.address, "keyspace": keyspace, "results": str(tmp_path / "results"), MODE: mode}
        done = run_playbook(CASES, "-v", "--vault-password-file", "vault", "-e", json.dumps(given), **login)
        assert done.returncode == 0, done.stdout + done.stderr
        results.append(without_chance(json.loads((tmp_path / "results").read_text())))
    in_process, as_module = results
    assert set(in_process) == set(re.findall(r"register: (case_\w+)", CASES.read_text()))
    for name, result in in_process.items():
        assert result == as_module[name], name
    assert in_process["case_alias"]["warnings"]
    assert "of the environment" not in json.dumps(in_process)
    assert "vaulted secret" not in json.dumps(in_process)


@pytest.mark.parametrize(
    ("keywords", "obstacle"),
    [
        ({}, None),
        ({"vars": {"stellarmap_cassandra_in_process": "never"}}, "stellarmap_cassandra_in_process is never"),
        ({"become": True, "become_user": getpass.getuser()}, "become is set"),
        ({"environment": {"CASSANDRA_PORT": "9042"}}, "the task has an environment"),
        ({"environment": {}}, None),
        ({"async": 60, "poll": 1}, "the task is asynchronous"),
        ({"vars": {"ansible_python_interpreter": "auto"}}, None),
        ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, None),
        ({"vars": {"ansible_python_interpreter": OTHER_PYTHON}}, f"its interpreter is {OTHER_PYTHON}"),
        ({"delegate_to": "elsewhere"}, "its interpreter is /opt/python"),
        ({"delegate_to": "localhost"}, None),
    ],
    ids=str,
)
def test_when_a_task_runs_in_process(
    run_playbook: RunPlaybook, tmp_path: Path, keywords: dict[str, Any], obstacle: str | None
) -> None:
    elsewhere = {"ansible_connection": "local", "ansible_python_interpreter": "/opt/python"}
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": {"elsewhere": elsewhere}}}))
    done = run_playbook(write_play(tmp_path, {**TASK, **keywords}), "-v", "-i", "hosts.yml")
    expected = f"{MODULE}{obstacle}" if obstacle else HERE
    assert [line for line in done.stdout.splitlines() if expected in line], done.stdout + done.stderr
    assert (HERE in done.stdout) == (obstacle is None)
    # A Python without the driver, or none at all, ends as it does without an action plugin.
    assert done.returncode == (2 if "interpreter" in (obstacle or "") else 0), done.stdout


def test_always_refuses_what_cannot_be(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    play = write_play(tmp_path, {**TASK, "environment": {"A": "b"}})
    done = run_playbook(play, "-e", "stellarmap_cassandra_in_process=always")
    assert done.returncode == 2
    assert "is always, which is not possible here: the task has an environment." in done.stdout + done.stderr
    done = run_playbook(play, "-e", "stellarmap_cassandra_in_process=perhaps")
    assert "stellarmap_cassandra_in_process is one of auto, always, never, got: perhaps" in done.stdout + done.stderr


def test_fifty_at_once(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    hosts = {f"c{number}": {"ansible_connection": "local"} for number in range(50)}
    (tmp_path / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
    play = write_play(
        tmp_path, {**TASK, "register": "told"}, {"assert": {"that": "told.cluster.name is string"}}, hosts="all"
    )
    done = run_playbook(play, "-v", "-i", "hosts.yml", "--forks", "50")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(HERE) == 50


def process_state() -> dict[str, Any]:
    mask = os.umask(0)
    os.umask(mask)
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "umask": mask,
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "handlers": {name: list(logging.getLogger(name).handlers) for name in ("", "cassandra")},
        "propagate": logging.getLogger("cassandra").propagate,
        "temporary": sorted(os.listdir(tempfile.gettempdir())),
        "temporary_folder": tempfile.tempdir,
        "frozen": gc.get_freeze_count(),
        "output": sys.stdout,
    }


STATE = """
import json, sys
sys.path.insert(0, {tests!r})
from tests.integration.test_in_process import report_state
report_state({host!r}, {port})
"""


def test_nothing_stays_for_the_next_task(node: RunningNode, tmp_path: Path) -> None:
    """In a process of its own, since this one has sessions of its own open."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", STATE.format(tests=str(REPOSITORY), host=node.address, port=node.port)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / name) for name in (".cache/collections", "tests/support")]),
            "TMPDIR": str(temporary),
            "ANSIBLE_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"changed": [], "ends": [0, 1], "threads": [], "connections": [], "temporary": []}


def connections() -> list[str]:
    return [str(one.raddr) for one in psutil.Process().net_connections("tcp")]


def report_state(host: str, port: int) -> None:
    """Run two tasks, one of which fails, and print what they changed of the process."""
    from ansible import constants

    from ansible_collections.stellarmap.cassandra.plugins.module_utils._driver import load_driver
    from ansible_collections.stellarmap.cassandra.plugins.modules.cassandra_column import JOB
    from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._in_process import run_here

    load_driver()
    # What was frozen when the collection was imported may go meanwhile.
    gc.unfreeze()
    before, ends = process_state(), []
    for keyspace in ("system", "nope"):
        given = {"login_host": [host], "login_port": port, "keyspace": keyspace, "table": "local"}
        columns = [{"name": "key", "type": "text"}]
        result = run_here(JOB, False, {**given, "columns": columns})
        ends.append(1 if result.get("failed") and keyspace == "nope" else 0)
    after = process_state()
    # The driver's threads sleep in steps of 0.1 s before they end. Its event loop is one for the whole process, and idle.
    deadline = time.monotonic() + 5
    while (threads := [one.name for one in threading.enumerate()[1:] if one.name != "event_loop"]) or connections():
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    report = {
        "changed": [name for name in before if before[name] != after[name]],
        "ends": ends,
        "threads": threads,
        "connections": connections(),
        "temporary": os.listdir(constants.DEFAULT_LOCAL_TMP),
    }
    sys.stdout.write(json.dumps(report))


def test_an_interruption_ends_it(tmp_path: Path) -> None:
    """A node takes connections and says nothing; whoever waits for it can be interrupted."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address, port = silent.getsockname()
        task = {"login_host": [address], "login_port": port, "connect_timeout": 60}
        play = write_play(tmp_path, {"stellarmap.cassandra.cassandra_schema_info": task})
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "ansible-playbook"), str(play), "-v"],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".cache" / "collections"),
                "ANSIBLE_HOME": str(tmp_path / "home"),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        silent.settimeout(60)
        connection, _address = silent.accept()
        # Python drops an interruption that comes while an object is finalized. A second one ends it, as a person would press it.
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
                break
        assert process.wait(0) != 0
        # The other end is gone, so that nobody goes on behind the play.
        connection.settimeout(10)
        while connection.recv(65536):
            pass
        connection.close()
