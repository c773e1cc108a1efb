# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan in one job, its approval, and its application in another one; the way back; and drift at any time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from cassandra.cluster import Session

from .conftest import RunningNode, RunPlaybook
from .test_migrate_playbook import columns, counts, migration, own_lines

NAMES = ("a", "b", "c")


@pytest.fixture
def file(cql: Session, keyspace: str, tmp_path: Path) -> str:
    """A migration of three tables."""
    for name in NAMES:
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int PRIMARY KEY, old text)")
    tables = [{"table": name, "columns": [{"x": "int"}, {"y": "text"}]} for name in NAMES]
    return migration(tmp_path, title="Three tables", keyspace=keyspace, tables=tables)


@pytest.mark.promise
def test_three_tables_are_applied_byte_for_byte_by_another_job(
    cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    given = ("stellarmap.cassandra.plan", "-e", f"migration_file={file}", "-e", "plan_file=plan.json")
    dry = run_playbook(*given, "--check")
    assert (dry.returncode, list(tmp_path.glob("plan.*"))) == (0, []), dry.stdout
    planned = run_playbook(*given)
    assert planned.returncode == 0, planned.stdout
    *_lines, summary, written, following = own_lines(planned.stdout)
    assert summary.startswith("Plan: 6 columns to add, 0 to drop, 0 conflicts. Nothing was changed (")
    assert written == "The plan is written to plan.json. Next, with its approval:"
    assert following.endswith(f"stellarmap.cassandra.migrate -e migration_file={file} -e approved_plan=plan.json")
    assert "x" not in columns(cql, keyspace, "a")
    plan = json.loads((tmp_path / "plan.json").read_text())
    statements = [change["cql"] for table in plan["tables"] for change in table["changes"]]
    assert statements == [f"ALTER TABLE {keyspace}.{name} ADD (x int, y text)" for name in NAMES]
    for view in ("plan.md", "plan.cql"):
        assert all(f"{statement};" in (tmp_path / view).read_text() for statement in statements)
    page = (tmp_path / "plan.md").read_text()
    facts = ("Date", "Author", "Collection", "Migration file", "Its digest", "Cluster", "Nodes", "Fingerprint")
    assert [fact for fact in facts if f"| {fact} | " not in page] == []
    assert "## Data loss\n\n- None." in page
    assert "## Could not be checked\n" in page

    # Another machine: another folder, other ends of lines.
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "mine.json").write_text(Path(file).read_text() + "")
    arguments = ("-e", f"migration_file={other}/mine.json", "-e", f"approved_plan={tmp_path}/plan.json")
    applied = run_playbook("stellarmap.cassandra.migrate", *arguments)
    assert applied.returncode == 0, applied.stdout
    assert [line.strip().rstrip(";") for line in own_lines(applied.stdout) if "ALTER" in line] == statements
    again = run_playbook("stellarmap.cassandra.migrate", *arguments)
    assert (again.returncode, counts(again.stdout)["changed"]) == (0, 0)

    word = ",".join(f"{keyspace}.{name}" for name in reversed(NAMES))
    refused = run_playbook("stellarmap.cassandra.rollback", *arguments)
    assert (refused.returncode != 0, f"-e rollback_confirm={word}" in refused.stdout + refused.stderr) == (
        True,
        True,
    )
    assert "x" in columns(cql, keyspace, "a")
    back = run_playbook("stellarmap.cassandra.rollback", *arguments, "-e", f"rollback_confirm={word}")
    assert back.returncode == 0, back.stdout
    assert own_lines(back.stdout)[-1].startswith(
        "Applied: 0 columns added, 6 dropped. Rollback of Three tables is complete"
    )
    reverse = [change["reverse"] for table in reversed(plan["tables"]) for change in reversed(table["changes"])]
    executed = [line.strip().rstrip(";") for line in own_lines(back.stdout) if "ALTER" in line]
    assert executed == reverse
    shown = [line.strip().rstrip(";") for line in own_lines(refused.stdout) if "ALTER" in line]
    assert shown == reverse
    assert set(columns(cql, keyspace, "a")) == {"id", "old"}


@pytest.mark.parametrize(
    ("statement", "edit", "part"),
    [
        ("ALTER TABLE {}.b ADD z int", None, "b: column z, a regular column of type int, was added"),
        ("ALTER TABLE {}.c DROP old", None, "c: column old, a regular column of type text, is not there"),
        (None, {"title": "Other words"}, "the migration file was edited"),
    ],
)
def test_what_changed_since_is_named_and_nothing_is_executed(
    cql: Session,
    keyspace: str,
    file: str,
    run_playbook: RunPlaybook,
    tmp_path: Path,
    statement: str | None,
    edit: dict[str, Any] | None,
    part: str,
) -> None:
    arguments = ("-e", f"migration_file={file}")
    planned = run_playbook("stellarmap.cassandra.plan", *arguments, "-e", "plan_file=plan.json")
    assert planned.returncode == 0, planned.stdout
    if statement:
        cql.execute(statement.format(keyspace))
    if edit:
        Path(file).write_text(json.dumps({**json.loads(Path(file).read_text()), **edit}))
    refused = run_playbook("stellarmap.cassandra.migrate", *arguments, "-e", f"approved_plan={tmp_path}/plan.json")
    assert refused.returncode != 0
    assert part in refused.stdout + refused.stderr
    assert "x" not in columns(cql, keyspace, "a")


@pytest.mark.parametrize(
    ("content", "part"), [("[]", "holds no JSON object"), ("{", "holds no JSON object"), ("{}", "it has no format")]
)
def test_what_is_no_plan(
    cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook, tmp_path: Path, content: str, part: str
) -> None:
    (tmp_path / "plan.json").write_text(content)
    failed = run_playbook(
        "stellarmap.cassandra.migrate", "-e", f"migration_file={file}", "-e", f"approved_plan={tmp_path}/plan.json"
    )
    assert failed.returncode != 0
    assert part in failed.stdout + failed.stderr
    assert "x" not in columns(cql, keyspace, "a")


def test_an_empty_name_of_a_plan_is_no_run_without_a_plan(
    cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook
) -> None:
    # A pipeline whose variable is not set.
    for playbook in ("migrate", "rollback"):
        failed = run_playbook(
            f"stellarmap.cassandra.{playbook}", "-e", f"migration_file={file}", "-e", "approved_plan="
        )
        assert failed.returncode != 0
        assert "approved_plan is empty" in failed.stdout + failed.stderr
    assert "x" not in columns(cql, keyspace, "a")


def test_a_file_that_requires_an_approved_plan(
    cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    Path(file).write_text(json.dumps({**json.loads(Path(file).read_text()), "requires_approved_plan": True}))
    given = ("-e", f"migration_file={file}")
    for playbook in ("migrate", "fleet"):
        refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-i", "localhost,", "--connection", "local", *given)
        assert refused.returncode != 0
        assert "The migration file requires an approved plan." in refused.stdout + refused.stderr, refused.stdout
    assert "x" not in columns(cql, keyspace, "a")
    # What only reads needs none.
    dry = run_playbook("stellarmap.cassandra.migrate", *given, "--check")
    planned = run_playbook("stellarmap.cassandra.plan", *given)
    done = run_playbook("stellarmap.cassandra.migrate", *given, "-e", "approved_plan=plan.json")
    verified = run_playbook("stellarmap.cassandra.verify", *given)
    assert [one.returncode for one in (dry, planned, done, verified)] == [0] * 4
    assert "x" in columns(cql, keyspace, "a")


@pytest.mark.parametrize("name", ["plan.md", "plan.cql"])
def test_a_name_that_would_destroy_the_plan_is_refused(
    file: str, run_playbook: RunPlaybook, tmp_path: Path, name: str
) -> None:
    failed = run_playbook("stellarmap.cassandra.plan", "-e", f"migration_file={file}", "-e", f"plan_file={name}")
    assert failed.returncode != 0
    assert f"plan_file is {name}, and it holds the plan as JSON. Name it plan.json" in failed.stdout
    assert not (tmp_path / name).exists()


def test_a_rollback_without_a_plan_says_what_it_needs(
    cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook
) -> None:
    cql.execute(f"ALTER TABLE {keyspace}.a ADD x int")
    given = ("-e", f"migration_file={file}", "-e", "rollback_confirm=x")
    refused = run_playbook("stellarmap.cassandra.rollback", *given)
    assert refused.returncode != 0
    assert "A rollback needs the plan that was applied: give its file as approved_plan." in refused.stdout
    shown = run_playbook("stellarmap.cassandra.rollback", *given, "-e", "rollback_all_listed=true")
    assert shown.returncode != 0
    # What would be lost comes first, then the refusal.
    assert shown.stdout.index("values in 0 rows read: x 0") < shown.stdout.index("This rollback would drop 1 column")
    assert counts(shown.stdout)["changed"] == 0
    assert "x" in columns(cql, keyspace, "a")


def test_verify_names_what_is_missing_once(cql: Session, keyspace: str, file: str, run_playbook: RunPlaybook) -> None:
    failed = run_playbook("stellarmap.cassandra.verify", "-e", f"migration_file={file}", "-e", "report_file=r.json")
    assert failed.returncode != 0
    assert counts(failed.stdout)["failed"] == 1
    assert "ALTER" not in failed.stdout
    assert f"{keyspace}.a: 2 missing; {keyspace}.b: 2 missing; {keyspace}.c: 2 missing." in failed.stdout


def test_a_drop_that_was_not_made_reads_as_pending(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, old text)")
    file = migration(tmp_path, keyspace=keyspace, table="t", state="absent", columns=[{"name": "old"}])
    failed = run_playbook("stellarmap.cassandra.verify", "-e", f"migration_file={file}")
    assert "1 still there: the drop is pending" in failed.stdout, failed.stdout
    found = run_playbook("stellarmap.cassandra.drift", "-e", f"migration_file={file}")
    assert "The column is still there: its drop is pending." in found.stdout


def test_drift_without_a_file_is_no_success(file: str, run_playbook: RunPlaybook) -> None:
    for given in ({"migration_files": []}, {"migration_files": "{{ nope }}"}):
        refused = run_playbook("stellarmap.cassandra.drift", "-e", json.dumps(given))
        assert refused.returncode != 0
        assert "Nothing differs" not in refused.stdout
    found = run_playbook("stellarmap.cassandra.drift", "-e", f"migration_files={file}")
    assert "6 differences on 1 of 1 clusters" in found.stdout
    assert found.stdout.count("TASK [") <= 4


def test_two_files_that_contradict_each_other_are_named(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, x int)")
    for name, kind in (("a.json", "int"), ("b.json", "text")):
        content = {"keyspace": keyspace, "table": "t", "columns": [{"x": kind}]}
        (tmp_path / name).write_text(json.dumps(content))
    found = run_playbook("stellarmap.cassandra.drift", "-e", json.dumps({"migration_files": ["a.json", "b.json"]}))
    assert found.returncode != 0
    assert "Two files contradict each other: a.json says int, and b.json says text." in found.stdout


@pytest.mark.promise
def test_drift_of_two_clusters_of_which_one_is_behind(
    cql: Session, node: RunningNode, keyspace: str, file: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    inventory = tmp_path / "clusters.json"
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {
        "eu": {"migration_connection": {"login_host": node.address}},
        "us": {"migration_connection": {"login_host": "127.255.255.254"}},
    }
    inventory.write_text(json.dumps({"all": {"vars": variables, "hosts": hosts}}))
    for name in NAMES[:2]:
        cql.execute(f"ALTER TABLE {keyspace}.{name} ADD (x int, y text)")
    outputs = ("-e", "report_file=drift.json", "-e", "drift_junit=drift.xml")
    arguments = ("-i", str(inventory), "-e", "migration_hosts=all", "-e", f"migration_file={file}", *outputs)
    found = run_playbook("stellarmap.cassandra.drift", *arguments)
    assert found.returncode != 0
    findings = json.loads((tmp_path / "drift.json").read_text())["findings"]
    assert [
        (one["cluster"], one["place"].rpartition(".")[2], one["what"]) for one in findings if one["cluster"] == "eu"
    ] == [
        ("eu", "x", "The column is missing: the file lists int."),
        ("eu", "y", "The column is missing: the file lists text."),
    ]
    assert {one["cluster"] for one in findings} == {"eu", "us"}
    suites = ElementTree.parse(tmp_path / "drift.xml").getroot()  # noqa: S314
    assert {suite.get("name"): suite.get("failures") for suite in suites} == {"eu": "2", "us": "0"}
    assert {suite.get("name"): suite.get("errors") for suite in suites} == {"eu": "0", "us": "1"}
    assert "2 differences on 1 of 2 clusters; 1 not compared on us" in found.stdout
    # Each host fails by itself.
    assert (counts(found.stdout, "eu")["failed"], counts(found.stdout, "us")["failed"]) == (1, 1)

    cql.execute(f"ALTER TABLE {keyspace}.c ADD (x int, y text)")
    fine = run_playbook("stellarmap.cassandra.drift", *arguments, "--limit", "eu")
    assert fine.returncode == 0, fine.stdout
    assert own_lines(fine.stdout) == ["Nothing differs: files, tables and models say the same on eu."]


def test_the_connection_of_a_host_is_that_of_each_playbook(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, node: RunningNode, tmp_path: Path
) -> None:
    """The file names another cluster, which nobody answers for: no playbook may change that one instead."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    file = migration(
        tmp_path, keyspace=keyspace, table="t", columns=[{"x": "int"}], connection={"login_host": "127.0.0.1:1"}
    )
    inventory = tmp_path / "clusters.json"
    here = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "migration_connection": {"login_host": node.address},
    }
    inventory.write_text(json.dumps({"all": {"hosts": {"eu-1": here}}}))
    given = ("-i", str(inventory), "-e", f"migration_file={file}")
    for playbook, options in (
        ("plan", ("-e", "plan_file=plan.json")),
        ("migrate", ()),
        ("verify", ()),
        ("drift", ()),
        ("fleet", ()),
        ("rollback", ("-e", f"rollback_confirm={keyspace}.t", "-e", "approved_plan=plan.json")),
    ):
        hosts = "fleet_hosts" if playbook == "fleet" else "migration_hosts"
        done = run_playbook(f"stellarmap.cassandra.{playbook}", *given, *options, "-e", f"{hosts}=eu-1")
        assert done.returncode == 0, done.stdout + done.stderr
    assert set(columns(cql, keyspace, "t")) == {"id"}
