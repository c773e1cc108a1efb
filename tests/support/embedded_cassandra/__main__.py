# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: run a command beside a cluster, or keep a named cluster up until it is taken down."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from .cluster import Cluster, cluster
from .config import CQL_PORT
from .download import cache, say
from .versions import DEFAULT, RELEASES


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.action(options))
    except (RuntimeError, ValueError) as error:
        say(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="embedded_cassandra", description=__doc__)
    actions = parser.add_subparsers(required=True)
    run = _action(actions, "run", _run, "start a cluster, run a command with CASSANDRA_HOST set, stop the cluster")
    run.add_argument("command", nargs="+")
    up = _action(actions, "up", _up, "start a named cluster and leave it running; prints it as JSON")
    serve = _action(actions, "serve", _serve, "what 'up' starts: hold the cluster until SIGTERM or the end of its time")
    for one in (up, serve):
        one.add_argument("--lifetime", type=float, default=3600, help="seconds after which it goes by itself")
    down = _action(actions, "down", _down, "stop a named cluster, if it is up")
    for one in (up, serve, down):
        one.add_argument("--name", required=True)
    for one in (run, up, serve):
        one.add_argument("--version", default=DEFAULT, choices=sorted(RELEASES))
        one.add_argument("--nodes", type=int, default=1)
        one.add_argument("--auth", action="store_true", help="require a password: cassandra, cassandra")
    return parser


def _action(actions: argparse._SubParsersAction, name: str, function: object, text: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]
    parser = actions.add_parser(name, help=text, description=text)
    parser.set_defaults(action=function)
    return parser  # type: ignore[no-any-return]


def _run(options: argparse.Namespace) -> int:
    # SIGTERM ends the command and then the cluster, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with cluster(options.version, options.nodes, auth=options.auth) as it:
        hosts = {"CASSANDRA_HOST": ",".join(it.addresses), "CQLSH_HOST": it.addresses[0]}
        environment = {**os.environ, **hosts, "CASSANDRA_PORT": str(CQL_PORT)}
        return subprocess.run(options.command, env=environment, check=False).returncode


def _serve(options: argparse.Namespace) -> int:
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    with open(_state(options.name, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with cluster(options.version, options.nodes, auth=options.auth) as it:
            state = _state(options.name, "json")
            try:
                state.with_suffix(".new").write_text(json.dumps(_describe(options.name, it)))
                state.with_suffix(".new").rename(state)
                end.wait(options.lifetime)
            finally:
                state.unlink(missing_ok=True)
    return 0


def _up(options: argparse.Namespace) -> int:
    state = _state(options.name, "json")
    if not _is_held(options.name):
        state.unlink(missing_ok=True)
        words = [sys.executable, "-m", __package__ or "embedded_cassandra", "serve", "--name", options.name]
        words += ["--version", options.version, "--nodes", str(options.nodes), "--lifetime", str(options.lifetime)]
        words += ["--auth"] * options.auth
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        # Its progress is read here until the cluster is up, and by nobody afterwards.
        with open(_state(options.name, "log"), "w+b") as log:
            process = subprocess.Popen(
                words,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            while not state.exists():
                time.sleep(0.1)
                if process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"{options.name} did not start:\n{log.read().decode(errors='replace')}")
    print(state.read_text())
    return 0


def _down(options: argparse.Namespace) -> int:
    state = _state(options.name, "json")
    if _is_held(options.name) and state.exists():
        os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)
    while _is_held(options.name):
        time.sleep(0.1)
    return 0


def _describe(name: str, it: Cluster) -> dict[str, object]:
    return {
        "name": name,
        "version": it.nodes[0].version,
        "addresses": it.addresses,
        "port": CQL_PORT,
        "pid": os.getpid(),
        "pids": [node.pid for node in it.nodes],
    }


def _state(name: str, suffix: str) -> Path:
    folder = cache() / "running"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.{suffix}"


def _is_held(name: str) -> bool:
    """Whether a process holds the named cluster: the lock goes with it, however it ends."""
    with open(_state(name, "lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
