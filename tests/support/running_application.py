# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Django application on a node as a play finds it: gunicorn with a restart script, a worker under supervisord."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import yaml
from cassandra.cluster import Session

_REPOSITORY = Path(__file__).resolve().parents[2]
PLAYBOOKS = _REPOSITORY / "playbooks"
KEYSPACE = "stellarmapweb_keyspace"
TABLE = f"{KEYSPACE}.stellar_creator_account_lineage"
_SOURCES = _REPOSITORY / "tests" / "application"
_HOME = _REPOSITORY / ".cache" / "application"
# The head of a configuration of supervisord; the programs come after it.
SUPERVISORD = """
[supervisord]
nodaemon=true
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
childlogdir={folder}
[unix_http_server]
file={folder}/s.sock
[supervisorctl]
serverurl=unix://{folder}/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
_CONFIG = (
    SUPERVISORD
    + """\
[program:pipeline]
directory={folder}/app
command={python} manage.py api_pipeline
"""
)
_RESTART = """\
#!/bin/sh
cd {folder}/app
if test -f ../gunicorn.pid; then
  old=$(cat ../gunicorn.pid)
  kill "$old" 2>/dev/null
  while kill -0 "$old" 2>/dev/null; do sleep 0.1; done
fi
exec {python} -m gunicorn --daemon --pid ../gunicorn.pid --workers 1 --bind 127.0.0.1:{port} \\
  --access-logfile ../gunicorn.log --error-logfile ../gunicorn.log --capture-output stellar.wsgi
"""


@dataclass(frozen=True)
class Application:
    """The running application; C(variables) describe it to the play."""

    folder: Path
    url: str
    node: str
    variables: dict[str, Any]

    @property
    def models(self) -> Path:
        return self.folder / "app" / "apiApp" / "models_cassandra.py"

    @property
    def report(self) -> dict[str, Any]:
        """What the last run wrote for a pipeline."""
        return _read(self.folder / "report.json")

    @property
    def record(self) -> dict[str, Any]:
        """What the play wrote for the change ticket."""
        return _read(self.folder / "record.json")

    def get(self, path: str) -> tuple[int, str]:
        """The status and text of a page."""
        try:
            with urlopen(self.url + path, timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def pids(self) -> dict[str, str]:
        """The main processes of its two parts."""
        pipeline = self.supervisorctl("pid", "pipeline").strip()
        return {"web": (self.folder / "gunicorn.pid").read_text().strip(), "pipeline": pipeline}

    def supervisorctl(self, *words: str) -> str:
        """What supervisorctl says."""
        argv = [str(_program("supervisorctl")), "-c", str(self.folder / "s.conf"), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def manage(self, *words: str) -> None:
        """Run manage.py, as a person does."""
        argv = [self.variables["stellarmapweb_python"], "manage.py", *words]
        subprocess.run(
            argv, check=True, timeout=60, cwd=self.folder / "app", env=self._environment(), capture_output=True
        )

    def restart(self) -> None:
        """Restart its web server, as a person does."""
        subprocess.run([self.folder / "restart.sh"], check=True, timeout=60, env=self._environment())

    def wait(self) -> None:
        """Come back when it answers; raises AssertionError after a minute without an answer."""
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "gunicorn.log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop its web server, whose process is nobody's child."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = int((self.folder / "gunicorn.pid").read_text())
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + 30
            while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
                time.sleep(0.1)

    def describe(self, file: Mapping[str, Any] | None = None, **changed: Any) -> list[str]:
        """Write its variables and migration file, some changed (C(None) leaves a section out); the options of a play."""
        given, migration = self.folder / "variables.json", self.folder / "migration.yml"
        given.write_text(json.dumps({**self.variables, **changed}))
        described = yaml.safe_load((PLAYBOOKS / "vars" / "dual_pipeline.yml").read_text())
        del described["services"]
        for sections in (_sections(self.folder), file or {}):
            for key, section in sections.items():
                known = described.get(key)
                described[key] = {**known, **section} if isinstance(known, dict) and section is not None else section
        described = {key: section for key, section in described.items() if section is not None}
        migration.write_text(yaml.safe_dump(described))
        report = ["-e", f"report_file={self.folder / 'report.json'}"]
        return ["-e", f"@{given}", "-e", f"migration_file={migration}", *report]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "CASSANDRA_HOST": self.node, "PYTHONPATH": ""}

    def _answers(self) -> bool:
        try:
            return self.get("/health/")[0] == 200
        except OSError:
            return False


def with_fields(models: str) -> str:
    """The text of the models once their three fields are enabled."""
    return re.sub(r"# ((?:pipeline_source|last_pipeline|processing_st).*  # (?:BIG|last|when))", r"\1", models)


def application_python() -> Path:
    """The Python of the application's own environment, made once."""
    wanted = (_SOURCES / "requirements.txt").read_text()
    mark = _HOME / "requirements.txt"
    _HOME.parent.mkdir(exist_ok=True)
    # Several processes may want it at once.
    with open(_HOME.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            venv.create(_HOME, clear=True, with_pip=True)
            pip = [str(_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "-r", str(_SOURCES / "requirements.txt")], check=True)
            mark.write_text(wanted)
    return _HOME / "bin" / "python"


@contextlib.contextmanager
def application_table(cql: Session) -> Iterator[None]:
    """The application's table before the migration, with two accounts."""
    cql.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
    cql.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    cql.execute(
        f"CREATE TABLE {TABLE} (id uuid, stellar_account text, network_name text, status text, "
        "PRIMARY KEY ((id), stellar_account, network_name))"
    )
    for number in range(2):
        account = "G" + "AB"[number] * 55
        values = (uuid.UUID(int=number), account, "public", "COMPLETE")
        cql.execute(f"INSERT INTO {TABLE} (id, stellar_account, network_name, status) VALUES (%s, %s, %s, %s)", values)
    yield
    cql.execute(f"DROP KEYSPACE {KEYSPACE}")


@contextlib.contextmanager
def running_application(node: str, folder: Path) -> Iterator[Application]:
    """The application, running in an empty folder with its fields commented out; its table is there already.

    The folder has a short path: the address of a UNIX socket has no more than 108 characters.
    """
    python = application_python()
    shutil.copytree(_SOURCES, folder / "app")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "s.conf").write_text(_CONFIG.format(folder=folder, python=python, port=port))
    (folder / "restart.sh").write_text(_RESTART.format(folder=folder, python=python, port=port))
    (folder / "restart.sh").chmod(0o755)
    (folder / "app.env").write_text(f"# As in production\nCASSANDRA_HOST={node}\nSECRET_KEY='$(no) marker'\n")
    process = subprocess.Popen(
        [str(_program("supervisord")), "-n", "-c", str(folder / "s.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CASSANDRA_HOST": node, "PYTHONPATH": ""},
        cwd=folder,
    )
    url = f"http://127.0.0.1:{port}"
    running = Application(folder, url, node, _variables(folder, url, python))
    try:
        running.restart()
        running.wait()
        yield running
    finally:
        running.stop()
        process.terminate()
        process.wait(30)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _program(name: str) -> Path:
    return Path(sys.executable).parent / name


def _variables(folder: Path, url: str, python: Path) -> dict[str, Any]:
    """What a team writes about its application, on top of playbooks/vars/dual_pipeline.yml."""
    web = {
        "name": "Django Server",
        "manager": "command",
        "argv": [str(folder / "restart.sh")],
        "pid_file": str(folder / "gunicorn.pid"),
        "log_file": str(folder / "gunicorn.log"),
        "ready": {"url": f"{url}/health/", "stable_for": 0.5},
    }
    pipeline = {
        "name": "API Pipeline",
        "manager": "supervisord",
        "program": "pipeline",
        "config": str(folder / "s.conf"),
        "supervisorctl": str(_program("supervisorctl")),
        "ready": {"stable_for": 0.5},
    }
    return {
        "stellarmapweb_path": str(folder / "app"),
        "stellarmapweb_python": str(python),
        "stellarmapweb_environment_file": str(folder / "app.env"),
        "stellarmapweb_url": url,
        "stellarmapweb_host": "stellar.example.com",
        "stellarmapweb_services": [
            web,
            pipeline,
            {"name": "BigQuery Pipeline", "enabled": False, "manager": "manual"},
        ],
        "stellarmapweb_wait": 15,
    }


def _sections(folder: Path) -> dict[str, Any]:
    """What a team writes into its migration file, on top of the same."""
    return {
        "services": {"list": "{{ stellarmapweb_services }}", "state_file": str(folder / "kept" / "services.json")},
        "smoke_tests": {"retries": 1, "delay": 0.2},
        "notify": {
            "record_json": str(folder / "record.json"),
            "record_markdown": str(folder / "record.md"),
            "ticket": "CHG-1",
        },
    }
