# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services with a restart command, and real processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .conftest import alive, fetch, processes_of, reasons, statuses, wait_for

# A server whose main process stays and whose worker reads the code, as gunicorn's do.
PREFORK = """
import os, pathlib, signal, sys, time
def work():
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        pathlib.Path("served").write_text(pathlib.Path(sys.argv[1]).read_text())
        time.sleep(600)
    return pid
worker = work()
def replace(*_):
    global worker
    os.kill(worker, 9); os.waitpid(worker, 0)
    worker = work()
signal.signal(signal.SIGHUP, replace)
signal.signal(signal.SIGTERM, lambda *_: (os.kill(worker, 9), sys.exit()))
while True: time.sleep(0.1)
"""


def test_life_of_a_server(play, web_server, pid_file, code, web_argv):
    """Started, left alone, announced in check mode, restarted when its code changed, left alone again."""
    watched = {"watch": [str(code)]}
    first = play([web_server], **watched)
    assert (first.code, first.changed, statuses(first.result)) == (0, 2, {"Web server": "restarted"}), first.output
    assert reasons(first.result) == {"Web server": f"it is not running: {pid_file} names no running process"}
    old = int(pid_file.read_text())
    # The server is no child of the play, which has ended, and the pid file is the script's.
    assert alive(old)
    assert pid_file.read_text() == f"{old}\n"
    written = pid_file.stat().st_mtime_ns

    rerun = play([web_server], **watched)
    assert (rerun.code, rerun.changed, statuses(rerun.result)) == (0, 0, {"Web server": "unchanged"})

    code.write_text("new")
    check = play([web_server], "--check", **watched)
    assert (check.code, check.changed, statuses(check.result)) == (0, 1, {"Web server": "would_restart"})
    assert f"Web server: would_restart, its process is older than {code}" in check.output
    assert (alive(old), pid_file.stat().st_mtime_ns) == (True, written)
    assert fetch(web_server["ready"]["url"]) == b"old"

    restarted = play([web_server], **watched)
    assert (restarted.code, restarted.changed, statuses(restarted.result)) == (0, 2, {"Web server": "restarted"})
    assert restarted.result["services"][0]["proven"]
    # The one bug that must not come back: the script found its own number, and the live server was orphaned.
    assert processes_of(web_argv[1]) == [int(pid_file.read_text())] != [old]
    assert fetch(web_server["ready"]["url"]) == b"new"
    assert play([web_server], **watched).changed == 0


def test_reasons_that_somebody_gives(play, web_server):
    """A wish and a change are told apart; the false of the command line is false."""
    play([web_server])
    asked = play([web_server], restart=True)
    assert reasons(asked.result) == {"Web server": "services_restart asks for it"}
    changed = play([web_server], "-e", "services_restart=false", changed=True)
    assert reasons(changed.result) == {"Web server": "it uses what this run changed"}
    assert play([web_server], "-e", "services_restart=false").changed == 0


def test_an_old_process_that_the_script_leaves_is_a_failure(play, web_server, pid_file, tmp_path):
    """A server that nobody stopped goes on serving the old code, whatever the pid file says."""
    play([web_server])
    old = int(pid_file.read_text())
    (tmp_path / "restart.sh").write_text("#!/bin/sh\nnohup sleep 600 >/dev/null 2>&1 &\necho $! >web.pid\n")
    failed = play([{**web_server, "timeout": 2}], restart=True)
    assert failed.code != 0
    assert failed.result["failure"] == "restart_failed"
    assert f"did not come back within 2 s: the old process {old} still runs" in failed.result["msg"]
    os.kill(int(pid_file.read_text()), 9)


def test_a_command_that_does_not_end_is_no_restart_command(play, web_server, web_argv):
    """The program itself, given as its restart command, is not left behind as a child of the play."""
    failed = play([{**web_server, "argv": web_argv, "timeout": 2}])
    assert failed.code != 0
    assert "did not end within 2 s" in failed.result["msg"]
    assert "A restart command starts the program in the background and ends." in failed.result["msg"]
    assert processes_of(web_argv[1]) == []


def test_nothing_is_stopped_for_what_cannot_be_started(play, web_server, pid_file, code, tmp_path):
    """A missing command, script, directory or a failed check: told by check mode too, and the old process lives."""
    play([web_server])
    old = int(pid_file.read_text())
    (tmp_path / "unusable.sh").write_text("#!/bin/sh\n")
    checked = {"check_argv": [sys.executable, "-c", "import os; raise RuntimeError('no setting ' + os.environ['A'])"]}
    wrong = [
        ({"argv": ["./missing.sh"]}, "./missing.sh is no program that can be executed"),
        ({"argv": ["./unusable.sh"]}, "./unusable.sh is no program that can be executed"),
        ({"argv": ["sh", "missing.sh"]}, "missing.sh is no file that can be read"),
        ({"argv": ["no-such-program"]}, "no-such-program is no program that can be executed"),
        ({"chdir": "/nowhere"}, "/nowhere"),
        ({**checked, "environment": {"A": "B"}}, "RuntimeError: no setting B"),
        ({"environment_file": "/nowhere/env"}, "This environment_file cannot be read: /nowhere/env"),
    ]
    for place, (more, message) in enumerate(wrong):
        failed = play([{**web_server, **more}], *(["--check"] if place % 2 else []), restart=True)
        assert failed.code != 0, failed.output
        assert message in failed.result["msg"], failed.result
        assert alive(old)
    assert int(pid_file.read_text()) == old


def test_the_environment_comes_from_a_file_and_shows_nowhere(play, web_server, tmp_path):
    """Restart, check and readiness get it; no output and no list of processes does."""
    script = tmp_path / "restart.sh"
    seen = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c 'marker-[f]ile' >>arguments\n"
    script.write_text(script.read_text().replace("#!/bin/sh\n", f'#!/bin/sh\nenv >"$0.env"\n{seen}'))
    (tmp_path / "app.env").write_text("# of the site\nexport SECRET_KEY='marker-file $(no) \"&'\nDEBUG=1\n")
    test = ["sh", "-c", 'test "$SECRET_KEY" = "marker-file \\$(no) \\"&" -a "$DEBUG" = 0']
    service = {
        **web_server,
        "environment_file": str(tmp_path / "app.env"),
        "environment": {"DEBUG": 0, "TOKEN": "marker-variable"},
        "check_argv": test,
        "ready": {
            "argv": test,
            "url": web_server["ready"]["url"].replace("://", "://me:marker-url@"),
            "stable_for": 0.1,
        },
    }
    service["ready"]["headers"] = {"X-Token": "marker-header"}
    done = play([service], "-vvvv")
    assert done.code == 0, done.output
    environment = (tmp_path / "restart.sh.env").read_text().splitlines()
    assert {'SECRET_KEY=marker-file $(no) "&', "DEBUG=0", "TOKEN=marker-variable"} <= set(environment)
    assert (tmp_path / "arguments").read_text() == "0\n"
    assert [line for line in done.output.splitlines() if "marker-" in line] == []


def test_readiness_is_asked_on_every_run(play, web_server, free_port, code):
    """A red address is red again, although nothing restarts the service; the probe's own lines are not its log."""
    red = {"url": f"http://127.0.0.1:{free_port}/broken", "stable_for": 0.1}
    for action, status in (("restarted", "restart_failed"), ("unchanged", "not_ready")):
        failed = play([{**web_server, "timeout": 2, "ready": red}], watch=[str(code)])
        assert failed.code != 0, action
        assert failed.result["failure"] == status
        assert (
            f"Web server is not ready: http://127.0.0.1:{free_port}/broken: expected status 200, found status 500"
            in failed.result["msg"]
        )
        assert "serving old" in failed.result["msg"]
        assert "GET /broken" not in failed.result["msg"]
    closed = play([{**web_server, "timeout": 1, "ready": {"port": 1}}])
    assert "is not ready: nothing answers on 127.0.0.1:1 within 1 s" in closed.result["msg"]


def test_a_start_that_fails_shows_the_reason(play, web_server, tmp_path, code):
    """The reason stands long before the end of the log, and old lines are not shown; the next run goes on."""
    (tmp_path / "web.log").write_text("RuntimeError: of last year\n")
    script = tmp_path / "restart.sh"
    good = script.read_text()
    script.write_text(
        "#!/bin/sh\n{ echo 'RuntimeError: no such column: source'; seq 100; } >>web.log\nsleep 30 >/dev/null 2>&1 &\n"
        "echo $! >web.pid; sleep 0.2; kill $!\n"
    )
    worker = {
        "name": "Worker",
        "manager": "command",
        "argv": ["touch", str(tmp_path / "worker")],
        "chdir": str(tmp_path),
    }
    job = {**worker, "name": "Job", "argv": ["sh", "-c", "echo run >>job"]}
    failed = play([{**web_server, "timeout": 1}, worker, job], watch=[str(code)], changed=True)
    assert failed.code != 0
    assert statuses(failed.result) == {"Web server": "failed", "Worker": "not_reached", "Job": "not_reached"}
    log = failed.result["services"][0]["log"]
    assert (log[0], log[-1], len(log)) == ("RuntimeError: no such column: source", "100", 20)
    assert failed.result["msg"].endswith("\n".join(log))

    script.write_text(good)
    gone_on = play([web_server, worker, job], watch=[str(code)])
    assert gone_on.code == 0, gone_on.output
    assert statuses(gone_on.result) == {"Web server": "restarted", "Worker": "restarted", "Job": "restarted"}
    assert "nobody knows whether its process is newer" in reasons(gone_on.result)["Job"]
    again = play([web_server, worker, job], watch=[str(code)])
    assert (again.changed, statuses(again.result)["Job"]) == (0, "unchanged")
    assert (tmp_path / "job").read_text() == "run\n"
    # No process shows the others: that they are new is not proven.
    assert [one["proven"] for one in again.result["services"]] == [True, False, False]


def test_a_server_that_is_reloaded(play, tmp_path, code):
    """Its main process stays; the worker tells whether it runs the new code."""
    (tmp_path / "prefork.py").write_text(PREFORK)
    main = subprocess.Popen([sys.executable, "prefork.py", str(code)], cwd=tmp_path)
    (tmp_path / "main.pid").write_text(f"{main.pid}\n")
    server = {
        "name": "Server",
        "manager": "command",
        "reload": True,
        "pid_file": str(tmp_path / "main.pid"),
        "timeout": 5,
        "ready": {"stable_for": 0.1},
    }
    try:
        wait_for((tmp_path / "served").exists)
        assert play([server], watch=[str(code)]).changed == 0
        code.write_text("new")
        check = play([server], "--check", watch=[str(code)])
        assert statuses(check.result) == {"Server": "would_reload"}
        done = play([server], watch=[str(code)])
        assert (done.code, statuses(done.result)) == (0, {"Server": "reloaded"}), done.output
        assert (main.poll(), (tmp_path / "served").read_text()) == (None, "new")
        assert play([server], watch=[str(code)]).changed == 0
    finally:
        main.terminate()
        main.wait()


def test_a_number_that_means_another_process_is_harmless(play, web_server, pid_file):
    """A process younger than the pid file has only inherited the number: after a boot it may be anybody's."""
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        pid_file.write_text(f"{bystander.pid}\n")
        os.utime(pid_file, (1, 1))
        check = play([{**web_server, "reload": True}], "--check")
        assert reasons(check.result)["Web server"].startswith("it is not running")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize(
    ("services", "more", "said"),
    [
        ([{"name": "A", "manager": "systemd"}], {}, "A: the manager systemd needs unit."),
        ([{"name": "A", "manager": "manual"}] * 2, {}, "more than one is called: A"),
        ([], {"watch": ["/nowhere/models.py"]}, ""),
        ([{"name": "A", "manager": "manual"}], {"watch": ["/nowhere/models.py"]}, "/nowhere/models.py"),
        ([{"name": "A", "manager": "magic"}], {}, "magic"),
        ([{"name": "A", "manager": "manual"}], {"confirmed": ["B"]}, "services_confirmed names B, which is no service"),
    ],
)
def test_wrong_descriptions(play, services, more, said):
    """Refused before anything is touched."""
    refused = play(services, **more)
    assert (refused.code != 0) == bool(said)
    assert said in refused.output
