# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cost of the module hardly depends on: other tables, columns, nodes, tables in one run. One process, no Ansible."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simulated_ring import SimulatedRing, simulated_rings

from .contestants import ANSIBLE
from .environment import COLLECTIONS, REPOSITORY, executable
from .process import Cost, run
from .rounds import Costs, alternate
from .scene import LISTED, TABLE, Scene, alter, table_names

_SCRIPT, BARE = (str(Path(__file__).resolve().parent / name) for name in ("bare_module.py", "bare_driver.py"))


def module(options: Mapping[str, Any]) -> Cost:
    """The cost of a run of the module."""
    return run([sys.executable, _SCRIPT, json.dumps(options)], Path.cwd(), {"PYTHONPATH": COLLECTIONS})


def by_columns(scene: Scene, numbers: tuple[int, ...], rounds: int) -> Costs:
    """First runs which add so many columns."""
    return alternate({str(number): _adding(scene, number) for number in numbers}, rounds)


def by_tables(scene: Scene, number: int, rounds: int) -> Costs:
    """First runs over so many tables of one keyspace, three columns each, beside a bare driver with the same statements."""
    return alternate(
        {"module": _several(scene, number), "bare driver": _bare(scene, number), "one": _several(scene, 1)}, rounds
    )


def beside(quiet: Scene, crowded: Scene, rounds: int) -> Costs:
    """First runs on a node without and one with other tables, in turns; the bare driver tells the server's share."""
    return alternate(
        {
            "module": _adding(quiet, 3),
            "module, crowded": _adding(crowded, 3),
            "bare driver": _bare(quiet),
            "bare driver, crowded": _bare(crowded),
            "rerun": _again(quiet),
            "rerun, crowded": _again(crowded),
        },
        rounds,
    )


def by_nodes(rounds: int, size: int) -> Costs:
    """Reruns and dry runs against simulated rings of one node and of C(size)."""
    with simulated_rings(1, size) as (one, many):
        return alternate(
            {
                f"{what} {ring.contact_point}": _simulated(ring, name, what == "dry run")
                for what, name in (("rerun", "v"), ("dry run", "new"))
                for ring in (one, many)
            },
            rounds,
        )


def _simulated(ring: SimulatedRing, name: str, check: bool) -> Callable[[], Cost]:
    options = {
        "login_host": [ring.contact_point],
        "protocol_version": 4,
        "keyspace": "shop",
        "table": "orders",
        "columns": [{"name": name, "type": "text"}],
        "_ansible_check_mode": check,
    }
    return lambda: module(options)


def fleet(scene: Scene, sizes: tuple[int, ...], rounds: int) -> Costs:
    """Whole runs of fleet.yml over so many clusters, which are one node under many names with a table each."""
    return alternate({str(size): _fleet(scene, size) for size in sizes}, rounds)


def _fleet(scene: Scene, size: int) -> Callable[[], Cost]:
    def turn() -> Cost:
        keyspace = scene.keyspace(size)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            hosts = {table: {"cluster_table": table} for table in table_names(size)}
            variables = {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "migration_connection": {"login_host": scene.host},
            }
            (folder / "clusters.yml").write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
            migration = {"keyspace": keyspace, "table": "{{ cluster_table }}", "columns": LISTED}
            (folder / "migration.yml").write_text(json.dumps(migration))
            inventory = ["-i", "clusters.yml", "--forks", "10", "-e", f"migration_file={folder / 'migration.yml'}"]
            program = executable("", (), "ansible-playbook")
            cost = run([program, str(REPOSITORY / "playbooks" / "fleet.yml"), *inventory], folder, ANSIBLE)
        scene.drop(keyspace)
        return cost

    return turn


def _again(scene: Scene) -> Callable[[], Cost]:
    keyspace = scene.keyspace()
    options = _options(scene, keyspace, LISTED)
    module(options)
    return lambda: module(options)


def _options(scene: Scene, keyspace: str, columns: list[dict[str, str]]) -> dict[str, Any]:
    return {"login_host": [scene.host], "keyspace": keyspace, "table": TABLE, "columns": columns}


def _adding(scene: Scene, number: int) -> Callable[[], Cost]:
    columns = [{"name": f"c{index}", "type": ("text", "timestamp", "int")[index % 3]} for index in range(number)]

    def turn() -> Cost:
        keyspace = scene.keyspace()
        cost = module(_options(scene, keyspace, columns))
        scene.drop(keyspace)
        return cost

    return turn


def _bare(scene: Scene, number: int = 1) -> Callable[[], Cost]:
    def turn() -> Cost:
        keyspace = scene.keyspace(number)
        statements = [alter(keyspace, table=table) for table in table_names(number)]
        cost = run([sys.executable, BARE, scene.host, *statements], Path.cwd(), {})
        scene.drop(keyspace)
        return cost

    return turn


def _several(scene: Scene, number: int) -> Callable[[], Cost]:
    tables = [{"table": table, "columns": LISTED} for table in table_names(number)]

    def turn() -> Cost:
        keyspace = scene.keyspace(number)
        cost = module({"login_host": [scene.host], "keyspace": keyspace, "tables": tables})
        scene.drop(keyspace)
        return cost

    return turn
