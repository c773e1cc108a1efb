# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes, commands and the state file, on this very host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.commands import Deadline, missing, run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.memory import (
    Remembered,
    Unwritable,
    read_memory,
    remember,
    try_memory,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.processes import (
    read_host,
    read_place,
    read_stat,
    recorded,
)


@pytest.mark.parametrize(
    ("name", "state", "pid"),
    [("web", "S", 7), ("a) S 1 (b", "S", 7), ("two\nlines) R", "R", 7), ("web", "Z", None), ("web", "X", None)],
)
def test_the_name_of_a_process_may_hold_anything(name, state, pid):
    process = read_stat(f"7 ({name}) {state} 1 {'0 ' * 17}4000 0", 100.0, 100)
    assert (process and (process.pid, process.parent, process.started)) == (pid and (pid, 1, 140.0))


def test_the_age_of_a_process():
    """No process is shown as younger than it is, and none as older than the steps of the kernel explain."""
    before = time.time()
    with subprocess.Popen(["sleep", "60"]) as child:
        host = read_host()
        child.kill()
    started = host.processes[child.pid].started
    assert before - 0.5 < started <= time.time()
    assert started <= before + 0.1


def test_a_process_with_a_line_break_in_its_name(tmp_path):
    os.symlink("/bin/sleep", tmp_path / "a\n7 (b) S")
    with subprocess.Popen([str(tmp_path / "a\n7 (b) S"), "60"], cwd=tmp_path, env={"A": "1"}) as child:
        time.sleep(0.2)
        host, place = read_host(), read_place(child.pid)
        child.kill()
    assert {os.getpid(), child.pid} <= set(host.processes)
    assert child.pid in [one.pid for one in host.descendants([os.getpid()])]
    assert {os.getpid(), child.pid} <= host.ancestors(child.pid)
    assert (place.cwd, place.environment, place.argv[1]) == (str(tmp_path), {"A": "1"}, "60")


def test_a_pid_file_names_only_a_process_that_may_have_written_it(tmp_path):
    pid_file, host = tmp_path / "web.pid", read_host()
    for text, found in (
        (f"{os.getpid()}\n", True),
        ("none\n", False),
        ("", False),
        ("²\n", False),
        ("99999999\n", False),
    ):
        pid_file.write_text(text)
        assert bool(recorded(str(pid_file), host)) is found
    pid_file.write_text(f"{os.getpid()}\n")
    os.utime(pid_file, (1, 1))
    assert recorded(str(pid_file), host) is None
    assert recorded(str(tmp_path / "none"), host) is None


def test_a_command_has_a_deadline_and_a_daemon_outlives_it(tmp_path):
    began = time.monotonic()
    endless = run(["sh", "-c", "echo before; sleep 60"], 0.3, {})
    assert (endless.status, endless.stdout) == (None, "before\n")
    # What it starts in the background keeps its output open, and runs on.
    script = f"sleep 30 & echo $! > {tmp_path}/pid; echo $A"
    done = run(["sh", "-c", script], 5, {"A": "1"}, str(tmp_path))
    assert (done.status, done.stdout) == (0, "1\n")
    assert time.monotonic() - began < 10
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert run(["/nowhere"], 5, {}).status == 127
    assert run(["true"], 5, {}, "/nowhere").status == 127


def test_what_is_missing_to_run_a_command(tmp_path):
    (tmp_path / "unusable.sh").write_text("#!/bin/sh\n")
    folder = str(tmp_path)
    assert missing(["sh", "-c", "true"], {}, folder) == ""
    assert missing(["sh", "unusable.sh"], {}, folder) == ""
    assert missing([sys.executable], {"PATH": ""}, folder) == ""
    assert missing(["./unusable.sh"], {}, folder) == "./unusable.sh is no program that can be executed"
    assert missing(["sh"], {"PATH": folder}, folder) == "sh is no program that can be executed"
    assert missing(["sh", "none.sh"], {}, folder) == "none.sh is no file that can be read"
    assert missing(["sh"], {}, "/nowhere") == "its folder /nowhere cannot be entered"


def test_what_is_remembered(tmp_path):
    path = str(tmp_path / "deep" / "state.json")
    assert read_memory(path) == ({}, "")
    try_memory(path)
    assert not (tmp_path / "deep").exists()
    remember(path, {})
    assert not (tmp_path / "deep").exists()
    remember(path, {"'Nightly', a": {"started": 1.0, "failed": 2.0}})
    remember(path, {"'Nightly', a": {"failed": None}, "b": {"changed": 3.0}})
    assert read_memory(path) == ({"'Nightly', a": Remembered(started=1.0), "b": Remembered(changed=3.0)}, "")
    assert os.stat(path).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"started": "x"}}', '{"a": {"other": 1}}', "\xff"])
def test_a_damaged_state_file_is_no_failure_for_ever(tmp_path, text):
    path = tmp_path / "state.json"
    path.write_bytes(text.encode("latin-1"))
    known, warning = read_memory(str(path))
    assert (known, "is damaged" in warning) == ({}, True)
    remember(str(path), {"a": {"started": 1.0}})
    assert read_memory(str(path)) == ({"a": Remembered(started=1.0)}, "")
    assert (tmp_path / "state.json.damaged").read_bytes() == text.encode("latin-1")


def test_no_update_is_lost(tmp_path):
    path = str(tmp_path / "state.json")
    threads = [threading.Thread(target=remember, args=(path, {str(n): {"started": 1.0}})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(json.loads((tmp_path / "state.json").read_text())) == {str(n) for n in range(20)}


def test_a_state_file_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "state.json", "/proc/none/state.json"):
        with pytest.raises(Unwritable, match="services_state_file"):
            try_memory(str(path))
        with pytest.raises(Unwritable, match="services_state_file"):
            remember(str(path), {"a": {"started": 1.0}})


def test_what_is_back_at_once_is_seen_at_once(monkeypatch):
    """The first looks follow one another quickly, later ones cost a long start little, and none is after the deadline."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    deadline = Deadline(60)
    for _look in range(6):
        deadline.wait()
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]
    Deadline(0).wait()
    assert pauses[-1] == 0
