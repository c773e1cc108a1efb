# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who takes part: each says what it needs, how a project of it looks, and with which command it makes the change."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .environment import COLLECTIONS, REPOSITORY, executable
from .process import run
from .scene import LISTED, TABLE, Scene, alter

PLAYS = Path(__file__).resolve().parent / "plays"
_AGAIN = "IF NOT EXISTS "
_DRIVER = "cassandra-driver==3.30.1"

ANSIBLE = {
    "ANSIBLE_COLLECTIONS_PATH": COLLECTIONS,
    "ANSIBLE_LIBRARY": str(PLAYS / "library"),
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
}


class Contestant(NamedTuple):
    """C(project) fills a folder and gives back the command; C(rerun) the command of the second run, if it is another."""

    name: str
    project: Callable[[Path, Scene, str], list[str]]
    rerun: Callable[[Path, Scene, str], list[str]] | None = None
    environment: Mapping[str, str] = {}
    adds_nothing: bool = False


def play(name: str, folder: Path, **variables: object) -> list[str]:
    """The command which runs one of the plays here."""
    given = {"ansible_python_interpreter": sys.executable, **variables}
    (folder / "variables.json").write_text(json.dumps(given))
    path = name if name.startswith("/") else str(PLAYS / name)
    return [executable("", (), "ansible-playbook"), path, "-e", f"@{folder / 'variables.json'}"]


def _ours(name: str = "column.yml", mode: str = "always") -> Callable[[Path, Scene, str], list[str]]:
    def project(folder: Path, scene: Scene, keyspace: str) -> list[str]:
        given = {"host": scene.host, "keyspace": keyspace, "table": TABLE, "columns": LISTED}
        return play(name, folder, **given, stellarmap_cassandra_in_process=mode)

    return project


def _migrate(folder: Path, scene: Scene, keyspace: str) -> list[str]:
    migration = {
        "keyspace": keyspace,
        "table": TABLE,
        "columns": LISTED,
        "connection": {"login_host": scene.host},
    }
    (folder / "migration.yml").write_text(json.dumps(migration))
    return play(str(REPOSITORY / "playbooks" / "migrate.yml"), folder, migration_file=str(folder / "migration.yml"))


def _floor(statement: Callable[[str], str]) -> Callable[[Path, Scene, str], list[str]]:
    return lambda folder, scene, keyspace: play("floor.yml", folder, host=scene.host, statement=statement(keyspace))


def _read(keyspace: str) -> str:
    return f"SELECT * FROM system_schema.columns WHERE keyspace_name = '{keyspace}' AND table_name = '{TABLE}'"


def _driver(statement: Callable[[str], str]) -> Callable[[Path, Scene, str], list[str]]:
    script = str(Path(__file__).resolve().parent / "bare_driver.py")
    return lambda _folder, scene, keyspace: [sys.executable, script, scene.host, statement(keyspace)]


def _empty(name: str) -> Callable[[Path, Scene, str], list[str]]:
    return lambda folder, _scene, _keyspace: play(name, folder)


def _cqlsh(folder: Path, scene: Scene, keyspace: str) -> list[str]:
    (folder / "change.cql").write_text(f"{alter(keyspace, _AGAIN)};\n")
    return [executable("", (), "cqlsh"), scene.host, "-f", str(folder / "change.cql")]


_CQLTRACK = ("cql-track==1.1.0", _DRIVER)


def _cqltrack(folder: Path, scene: Scene, keyspace: str) -> list[str]:
    program = executable("cql-track", _CQLTRACK, "cqltrack")
    if not (folder / "migrations").exists():
        (folder / "migrations").mkdir()
        settings = {
            "cassandra": {"contact_points": [scene.host], "port": 9042},
            "keyspace": {"name": keyspace, "replication": {"class": "SimpleStrategy", "replication_factor": 1}},
            "migrations": {"directory": "migrations"},
        }
        (folder / "cqltrack.yml").write_text(json.dumps(settings))
        (folder / "migrations" / "V001__three_columns.cql").write_text(f"{alter(keyspace)};\n")
        run([program, "init"], folder, {})
    return [program, "migrate"]


_CASSACHANGE = ("cassachange==1.0.0", _DRIVER)


def _cassachange(folder: Path, scene: Scene, keyspace: str) -> list[str]:
    (folder / "migrations").mkdir(exist_ok=True)
    (folder / "migrations" / "V1.0.0__three_columns.cql").write_text(f"{alter(keyspace)};\n")
    program = executable("cassachange", _CASSACHANGE, "cassachange")
    options = ["--hosts", scene.host, "--port", "9042", "--keyspace", keyspace, "--history-keyspace", keyspace]
    return [program, "deploy", "--root-folder", "migrations", *options]


def _cqlengine(_folder: Path, scene: Scene, keyspace: str) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve().parent / "cqlengine_model.py"), scene.host, keyspace, TABLE]


OURS = Contestant("this collection: cassandra_column", _ours(), environment=ANSIBLE)
OURS_AS_MODULE = Contestant(
    "this collection: cassandra_column as a module in a process of its own", _ours(mode="never"), environment=ANSIBLE
)
OURS_TEN = Contestant("this collection: ten tasks of cassandra_column", _ours("column_ten.yml"), environment=ANSIBLE)
OURS_TEN_AS_MODULE = Contestant(
    "this collection: the ten tasks, each as a module", _ours("column_ten.yml", "never"), environment=ANSIBLE
)
MIGRATE = Contestant("this collection: migrate.yml (apply, verify, summary)", _migrate, environment=ANSIBLE)
FLOOR = Contestant(
    "floor: an empty Ansible module, ALTER or one read", _floor(alter), _floor(_read), environment=ANSIBLE
)
EMPTY_ONE = Contestant("an Ansible play with one empty task", _empty("empty_one.yml"), adds_nothing=True)
EMPTY_TEN = Contestant("an Ansible play with ten empty tasks", _empty("empty_ten.yml"), adds_nothing=True)
DRIVER = Contestant("floor: a bare driver script, ALTER or one read", _driver(alter), _driver(_read))

PEERS = (
    Contestant("cqlsh -f, ADD IF NOT EXISTS", _cqlsh),
    Contestant("cql-track", _cqltrack),
    Contestant("cassachange", _cassachange),
    Contestant("cqlengine sync_table", _cqlengine),
)


def community(collections: Path | None) -> Sequence[Contestant]:
    """community.cassandra's C(cassandra_cqlsh), where a copy is given by path: it is on no package registry of Python's."""
    if collections is None:
        return ()
    paths = f"{collections}:{COLLECTIONS}"
    return (
        Contestant(
            "community.cassandra.cassandra_cqlsh",
            _community,
            environment={**ANSIBLE, "ANSIBLE_COLLECTIONS_PATH": paths},
        ),
    )


def _community(folder: Path, scene: Scene, keyspace: str) -> list[str]:
    program = str(Path(executable("", (), "cqlsh")).parent)
    return play("community.yml", folder, host=scene.host, statement=alter(keyspace, _AGAIN), cqlsh_folder=program)
