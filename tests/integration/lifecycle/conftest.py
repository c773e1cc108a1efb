# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Django application on the node, served by gunicorn under supervisord, as a play finds it in production."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cassandra.cluster import Session

from ..conftest import REPOSITORY, SUPERVISORD, RunningNode

SOURCES = REPOSITORY / "tests" / "application"
HOME = REPOSITORY / ".cache" / "application"
KEYSPACE = "stellarmapweb_keyspace"
TABLE = f"{KEYSPACE}.stellar_creator_account_lineage"
CONFIG = (
    SUPERVISORD
    + """\
[program:web]
directory={folder}/app
command={python} -m gunicorn --workers 1 --bind 127.0.0.1:{port} stellar.wsgi
stopasgroup=true
[program:pipeline]
directory={folder}/app
command={python} manage.py api_pipeline
"""
)


@dataclass(frozen=True)
class Application:
    """The running application; C(variables) describe it to the play."""

    folder: Path
    url: str
    variables: dict[str, Any]

    @property
    def models(self) -> Path:
        return self.folder / "app" / "apiApp" / "models_cassandra.py"

    @property
    def record(self) -> dict[str, Any]:
        """What the play wrote for the change ticket."""
        return json.loads((self.folder / "record.json").read_text())

    def get(self, path: str) -> tuple[int, str]:
        """The status and text of a page."""
        try:
            with urlopen(self.url + path, timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def pids(self) -> dict[str, str]:
        """The processes of its programs."""
        tool = Path(sys.executable).parent / "supervisorctl"
        argv = [str(tool), "-c", str(self.folder / "s.conf"), "pid"]
        return {
            name: subprocess.run([*argv, name], capture_output=True, text=True, check=False).stdout.strip()
            for name in ("web", "pipeline")
        }


@pytest.fixture(scope="session")
def python() -> Path:
    """The Python of the application's own environment, made once."""
    wanted = (SOURCES / "requirements.txt").read_text()
    mark = HOME / "requirements.txt"
    if not mark.exists() or mark.read_text() != wanted:
        venv.create(HOME, clear=True, with_pip=True)
        pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(SOURCES / "requirements.txt")], check=True)
        mark.write_text(wanted)
    return HOME / "bin" / "python"


@pytest.fixture
def table(cql: Session) -> Iterator[Session]:
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
    yield cql
    cql.execute(f"DROP KEYSPACE {KEYSPACE}")


@pytest.fixture
def application(
    table: Session, node: RunningNode, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """The application, running with its fields commented out."""
    # The address of a UNIX socket has no more than 108 characters.
    folder = tmp_path_factory.mktemp("a")
    shutil.copytree(SOURCES, folder / "app")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "s.conf").write_text(CONFIG.format(folder=folder, python=python, port=port))
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "supervisord"), "-n", "-c", str(folder / "s.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CASSANDRA_HOST": node.address, "PYTHONPATH": ""},
        cwd=folder,
    )
    url = f"http://127.0.0.1:{port}"
    running = Application(folder, url, _variables(folder, url))
    try:
        deadline = time.monotonic() + 30
        while not _answers(running):
            assert time.monotonic() < deadline, (folder / "supervisord.log").read_text()
            time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(30)


def _answers(application: Application) -> bool:
    try:
        return application.get("/health/")[0] == 200
    except OSError:
        return False


def _variables(folder: Path, url: str) -> dict[str, Any]:
    """What a team writes about its application, on top of playbooks/vars/dual_pipeline.yml."""
    manager = {
        "manager": "supervisord",
        "config": str(folder / "s.conf"),
        "supervisorctl": str(Path(sys.executable).parent / "supervisorctl"),
        "timeout": 30,
    }
    return {
        "stellarmapweb_path": str(folder / "app"),
        "stellarmapweb_url": url,
        "stellarmapweb_host": "stellar.example.com",
        "stellarmapweb_workflows": [
            {"name": "Django Server", "program": "web", "up": {"url": f"{url}/health/", "stable_for": 0.5}, **manager},
            {"name": "API Pipeline", "program": "pipeline", "up": {"stable_for": 0.5}, **manager},
            {"name": "BigQuery Pipeline", "enabled": False, "manager": "manual"},
        ],
        "feature_checks_wait": 15,
        "feature_checks_delay": 0.5,
        "smoke_tests_retries": 1,
        "smoke_tests_delay": 0.2,
        "notify_record_json": str(folder / "record.json"),
        "notify_record_markdown": str(folder / "record.md"),
        "notify_ticket": "CHG-1",
    }
