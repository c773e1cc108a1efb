# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table before and after in the server's own words: in the diff, the plan, and the pages; else from the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from emulators import front
from emulators.keyspaces import keyspaces

from .conftest import RunModule, RunningNode, RunPlaybook, run_module_here

# The end of a definition, a diff and a page, in a text of the server's.
COMMENT = "Bob''s\n) \x1b[31m,\n+ <b>``` "
LISTED: list[dict[str, Any]] = [
    {"name": "tags", "type": "set<text>"},
    {"name": "kind", "type": "text", "static": True},
    {"name": "aliases", "type": "map<text, text>", "static": True},
    {"name": '"Price, (net"', "type": "frozen<list<int>>"},
    {"name": "b", "type": "tuple<int, text>"},
    # The server drops no column of such a type.
    {"name": "home", "type": "addr"},
]


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    for statement in (
        "CREATE TYPE {k}.addr (zip int)",
        "CREATE TABLE {k}.t (id int, c text, region text static, v text, a map<int, text>, x frozen<addr>, "
        f"PRIMARY KEY (id, c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = '{COMMENT}'",
        "CREATE TABLE {k}.small (id int PRIMARY KEY)",
        "CREATE INDEX by_v ON {k}.t (v)",
    ):
        cql.execute(statement.format(k=keyspace), timeout=30)
    return keyspace


def described(cql: Session, keyspace: str, name: str = "t", kind: str = "TABLE") -> str:
    """What the server says now."""
    rows = cql.execute(f"DESCRIBE {kind} {keyspace}.{name}")
    return "\n\n".join(row.create_statement for row in rows).replace("\x1b", "\\x1b") + "\n"


def run(at: RunModule, keyspace: str, *tables: dict[str, Any], check: bool = False, **more: Any) -> dict[str, Any]:
    result = at("cassandra_column", {"keyspace": keyspace, "tables": list(tables), **more}, check)
    assert not result["failed"], result["msg"]
    return result


@pytest.mark.promise
def test_what_is_predicted_is_what_the_server_describes_then(
    node: RunningNode, cql: Session, table: str, run_module: RunModule
) -> None:
    # Cassandra 6.0 has other words for a legacy index.
    source = {"name": "source", "type": "text", "index": {"kind": "sai" if node.major >= (5, 0) else "legacy"}}
    tables = [{"type": "addr", "fields": [{"city": "text"}]}, {"table": "t", "columns": [source, *LISTED]}]
    tables.append({"table": "small", "columns": [{"a": "int"}]})
    names = [("addr", "TYPE"), ("t", "TABLE"), ("small", "TABLE")]
    for state, listed in (("present", tables), ("absent", [{"table": "t", "columns": [source, *LISTED[:-1]]}])):
        asked = names if state == "present" else names[1:2]
        options = {} if state == "present" else {"state": "absent", "allow_data_loss": True}
        before = [described(cql, table, *one) for one in asked]
        planned = run(run_module, table, *listed, check=True, **options)
        done = run(run_module, table, *listed, **options)
        assert done["diff"] == planned["diff"] == planned["plan"]["described"]
        assert [one["before"] for one in done["diff"]] == before
        assert [one["after"] for one in done["diff"]] == [described(cql, table, *one) for one in asked] != before
        assert not any("catalog" in text or "statements" in text for one in done["diff"] for text in one.values())
        again = run(run_module, table, *listed, check=True, **options)
        assert (again["changed"], again["plan"]["described"]) == (False, [])


def test_what_the_server_says_otherwise_does_not_change_the_plan(
    cql: Session, table: str, run_module: RunModule
) -> None:
    wanted = {"table": "small", "columns": [{"a": "int"}]}
    planned = run(run_module, table, wanted, check=True)["plan"]
    cql.execute(f"ALTER TABLE {table}.small WITH comment = 'other' AND gc_grace_seconds = 5", timeout=30)
    again = run(run_module, table, wanted, check=True)["plan"]
    assert "comment = 'other'" in again["described"][0]["before"] != planned["described"][0]["before"]
    assert again["fingerprint"] == planned["fingerprint"]
    assert run(run_module, table, wanted, approved_plan=planned)["changed"] is True


def test_a_server_that_does_not_describe_tables(node: RunningNode, table: str) -> None:
    wanted = {"table": "small", "columns": [{"a": "int"}]}
    with front(node.address, keyspaces(0.1, 0.1, 0.1)) as at:

        def there(name: str, params: dict[str, Any], check: bool = False) -> dict[str, Any]:
            return run_module_here(name, {"login_host": [f"{at.addresses[0]}:{at.port}"], **params}, check)

        planned = run(there, table, wanted, check=True)
        done = run(there, table, wanted)
    assert done["diff"] == planned["diff"] == planned["plan"]["described"]
    (one,) = done["diff"]
    assert (one["before_header"], one["after_header"]) == tuple(
        f"{table}.small ({state}, from the catalog)" for state in ("before", "after")
    )
    assert one["after"] == f"CREATE TABLE {table}.small (\n    id int,\n    a int,\n    PRIMARY KEY ((id))\n);\n"
    (reason,) = (one["reason"] for one in done["not_checked"] if "own words" in one["check"])
    assert reason.startswith("DESCRIBE TABLE cannot be read here")


# Cassandra 6.0-alpha2 takes 60,000 characters as a comment, and refuses 200,000 (measured).
def test_a_long_text_is_cut(cql: Session, table: str, run_module: RunModule) -> None:
    cql.execute(f"ALTER TABLE {table}.small WITH comment = '{'x' * 60_000}'", timeout=30)
    done = run(run_module, table, {"table": "small", "columns": [{"a": "int"}]})
    (one,) = done["diff"]
    assert ("\n    a int\n" in one["after"], len(json.dumps(done)) < 150_000) == (True, True)
    assert one["after"].endswith("more characters)\n")


def test_pages_show_both_with_the_difference(
    cql: Session, table: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    file = tmp_path / "m.yml"
    file.write_text(json.dumps({"keyspace": table, "table": "t", "columns": [{"note": "text"}]}))
    before = described(cql, table)
    plan = run_playbook("stellarmap.cassandra.plan", "-e", f"migration_file={file}", "-e", "plan_file=plan.json")
    assert plan.returncode == 0, plan.stdout
    page = (tmp_path / "plan.md").read_text()
    assert "## The schema before and after\n\n````diff\n" in page
    assert ("\n+    note text,\n" in page, "\n     region text static,\n" in page) == (True, True)
    assert "\x1b" not in page
    assert json.loads((tmp_path / "plan.json").read_text())["described"][0]["before"] == before
    options = ("-e", f"migration_file={file}", "-e", "report_file=report.json")
    done = run_playbook("stellarmap.cassandra.migrate", *options, "--diff", ANSIBLE_DIFF_CONTEXT="99")
    assert done.returncode == 0, done.stdout
    assert ("+    note text," in done.stdout, "\x1b[31m" in done.stdout) == (True, False)
    (one,) = json.loads((tmp_path / "report.json").read_text())["described"]
    assert one["before"] == before
    assert one["after"] == described(cql, table)
