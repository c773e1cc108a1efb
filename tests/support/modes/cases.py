# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the cases of cases.yml in one mode."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.walk import surroundings
from on_node import session_on

CASES = Path(__file__).resolve().parent / "cases.yml"
# What no two runs have in common: the versions of a schema, times, and the fingerprint of a table that was made anew.
_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sha256:[0-9a-f]{64}"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?([+]\d\d:\d\d)?"
)
VAULT_PASSWORD = "open sesame"
KEYSPACE = f"modes_{os.getpid()}"

Results = dict[str, Any]


def run_cases(folder: Path, host: str, mode: str) -> Results:
    """The registered result of each case in this mode; raises RuntimeError with the output if the play ends early."""
    _make_table(host)
    results, password = folder / f"{mode}.json", folder / "vault"
    password.write_text(VAULT_PASSWORD)
    given = {"host": host, "keyspace": KEYSPACE, "results": str(results), "stellarmap_cassandra_in_process": mode}
    command = ["ansible-playbook", str(CASES), "-v", "--vault-password-file", str(password)]
    done = subprocess.run(
        [*command, "-e", json.dumps(given)],
        env={**surroundings(folder), "CASSANDRA_USER": "somebody", "CASSANDRA_PASSWORD": "of the environment"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode or not results.exists():
        raise RuntimeError(done.stdout + done.stderr)
    found: Results = _without_chance(json.loads(results.read_text()))
    return found


def _without_chance(result: Any) -> Any:
    if isinstance(result, Mapping):
        return {
            _VARYING.sub("...", key): _without_chance(value)
            for key, value in result.items()
            if not key.endswith(("_seconds", "write_time"))
        }
    if isinstance(result, list):
        return [_without_chance(value) for value in result]
    return _VARYING.sub("...", result) if isinstance(result, str) else result


def _make_table(host: str) -> None:
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    with session_on(host) as session:
        session.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}", timeout=60)
        session.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {replication}", timeout=60)
        session.execute(f"CREATE TABLE {KEYSPACE}.t (id int PRIMARY KEY, v text)", timeout=60)
        session.execute(f"INSERT INTO {KEYSPACE}.t (id, v) VALUES (1, 'one')")
