# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door as a user opens it: from the checkout, by name, imported, its role included, once and not for each host."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from demo.table import KEYSPACE, TABLE

from .conftest import REPOSITORY, RunningNode, RunPlaybook

MIGRATE = REPOSITORY / "migrate.yml"
BY_NAME = "stellarmap.cassandra.migrate"
NEW = {"pipeline_source": "text", "last_pipeline_attempt": "timestamp", "processing_started_at": "timestamp"}
ALTER = (
    f"ALTER TABLE {KEYSPACE}.{TABLE} ADD (pipeline_source text, last_pipeline_attempt timestamp, "
    "processing_started_at timestamp)"
)


@pytest.fixture
def table(cql: Session) -> Iterator[Session]:
    """The application's table before the migration."""
    cql.execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}", timeout=30)
    cql.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    cql.execute(
        f"CREATE TABLE {KEYSPACE}.{TABLE} (id uuid, stellar_account text, network_name text, status text, "
        "PRIMARY KEY ((id), stellar_account, network_name))"
    )
    yield cql
    cql.execute(f"DROP KEYSPACE {KEYSPACE}", timeout=30)


def columns(cql: Session, keyspace: str = KEYSPACE, name: str = TABLE) -> dict[str, str]:
    query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {row.column_name: row.type for row in cql.execute(query, (keyspace, name))}


def counts(output: str, host: str = "localhost") -> dict[str, int]:
    recap = re.search(rf"^{host}\s+:(.*)$", output, re.MULTILINE)
    assert recap, output
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", recap.group(1))}


def own_lines(output: str) -> list[str]:
    """What is printed beside Ansible's own lines: banners, statuses, the recap, empty lines."""
    ansible = re.compile(r"(PLAY|TASK|ok:|changed:|skipping:|fatal:|\[ERROR\]|\w+\s+: ok=)|\s*$")
    return [line for line in output.splitlines() if not ansible.match(line)]


def migration(folder: Path, **content: Any) -> str:
    """A migration file."""
    path = folder / "migration.json"
    path.write_text(json.dumps(content))
    return str(path)


@pytest.mark.promise
def test_dry_run_then_migration_then_nothing_left(table: Session, run_playbook: RunPlaybook) -> None:
    before = columns(table)
    dry = run_playbook(MIGRATE, "--check")
    assert dry.returncode == 0, dry.stdout
    cluster, place, statement, plan, following = own_lines(dry.stdout)
    assert re.fullmatch(r"Cluster embedded \(Cassandra \S+, connected to 127\S+\)", cluster)
    assert (place, statement) == (f"{KEYSPACE}.{TABLE}: 3 would be added", f"  {ALTER};")
    assert following == "Next: run the same command without --check."
    assert plan.startswith("Plan: 3 columns to add, 0 to drop, 0 conflicts. Nothing was changed (")
    # Nothing that a hurried reader could take for a change.
    assert not re.search(r"changed: \[|Apply|Change", dry.stdout)
    assert (counts(dry.stdout)["changed"], columns(table)) == (0, before)

    real = run_playbook(MIGRATE)
    assert real.returncode == 0, real.stdout
    assert counts(real.stdout)["changed"] == 1
    cluster, _place, statement, verified, outcome = own_lines(real.stdout)
    assert cluster.startswith("Cluster embedded (Cassandra ")
    assert statement == f"  {ALTER};"
    assert outcome.startswith("Applied: 3 columns added, 0 dropped. Dual-pipeline migration is complete (")
    assert re.fullmatch(r"Verified on the only node: 127\.\S+", verified)
    assert columns(table) == {**before, **NEW}

    again = run_playbook(MIGRATE)
    assert (again.returncode, counts(again.stdout)["changed"]) == (0, 0)
    assert "ALTER" not in again.stdout
    assert "Dual-pipeline migration was complete already, nothing was changed (" in own_lines(again.stdout)[-1]
    # Nothing of the driver's logging reaches the user, and a screen is enough.
    assert (dry.stderr, real.stderr, again.stderr) == ("", "", "")
    for run in (dry, real, again):
        shown = run.stdout.partition("PLAY RECAP")[0]
        assert len([line for line in shown.splitlines() if line.strip()]) <= 15, shown


def test_the_diff_shows_the_table_before_and_after(table: Session, run_playbook: RunPlaybook) -> None:
    dry = run_playbook(MIGRATE, "--check", "--diff")
    assert dry.returncode == 0, dry.stdout
    assert "+    pipeline_source text," in dry.stdout


def test_other_output_loses_nothing(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    callback = tmp_path / "callbacks" / "plain.py"
    callback.parent.mkdir()
    callback.write_text(
        "import json\nfrom ansible.plugins.callback import CallbackBase\n"
        "class CallbackModule(CallbackBase):\n"
        "    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, 'stdout', 'plain'\n"
        "    def v2_runner_on_ok(self, result, **kwargs):\n"
        "        print(json.dumps({'task': result._task.get_name(), 'result': self._clean(result)}))\n"
        "    def _clean(self, result):\n"
        "        return {key: value for key, value in result._result.items() if key in ('msg', 'outcome', 'tables')}\n"
    )
    done = run_playbook(
        MIGRATE,
        ANSIBLE_CALLBACK_PLUGINS=str(callback.parent),
        ANSIBLE_STDOUT_CALLBACK="plain",
        ANSIBLE_SHOW_CUSTOM_STATS="1",
    )
    assert done.returncode == 0, done.stdout
    # Every line is JSON: the text is in a result and nowhere else.
    results = [json.loads(line) for line in done.stdout.splitlines()]
    (report,) = [one["result"] for one in results if one["task"].endswith("Report")]
    assert report["outcome"] == "complete"
    assert report["tables"][0]["statements"] == [ALTER]
    assert report["msg"].splitlines()[1].endswith(": 3 added")


def test_a_statistic_of_the_play_holds_the_result(table: Session, run_playbook: RunPlaybook) -> None:
    done = run_playbook(MIGRATE, ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert '"migration_result"' in done.stdout or "migration_result:" in done.stdout
    assert '"outcome": "complete"' in done.stdout or "outcome: complete" in done.stdout


@pytest.mark.parametrize(("before", "conflicts"), [("complete", True), ("failed", False)])
def test_the_result_of_the_job_before_decides_nothing(
    table: Session, run_playbook: RunPlaybook, before: str, conflicts: bool
) -> None:
    """A workflow of AWX hands a statistic to its next job as an extra variable, which wins over what a task registers."""
    if conflicts:
        table.execute(f"ALTER TABLE {KEYSPACE}.{TABLE} ADD pipeline_source int")
    done = run_playbook(MIGRATE, "-e", json.dumps({"migration_result": {"outcome": before}}))
    assert (done.returncode != 0) == conflicts, done.stdout


@pytest.mark.promise
def test_a_conflict_ends_in_a_sentence(table: Session, run_playbook: RunPlaybook) -> None:
    table.execute(f"ALTER TABLE {KEYSPACE}.{TABLE} ADD pipeline_source int")
    # What each task returns is shown, and nothing of the connection.
    login = {"login_user": "cassandra", "login_password": "m4rk3r-of-a-s3cr3t"}
    failed = run_playbook(MIGRATE, "-v", "-e", json.dumps({"migration_connection": login}))
    assert failed.returncode != 0
    assert login["login_password"] not in failed.stdout + failed.stderr
    assert "  ! pipeline_source text: the table has int (regular)" in failed.stdout
    assert (
        "column pipeline_source is of type int, wanted is text. Nothing was executed." in failed.stdout + failed.stderr
    )
    assert "is complete" not in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr
    # One task fails, the last one before the recap.
    assert (counts(failed.stdout)["failed"], counts(failed.stdout)["rescued"]) == (1, 0)
    assert failed.stdout.rpartition("TASK [")[2].startswith("stellarmap.cassandra.migration : Report]")


def test_several_tables_and_the_connection_in_the_file(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int PRIMARY KEY, old text)")
    tables = [
        {"table": "a", "columns": [{"x": "int"}]},
        {"table": "b", "columns": [{"name": "old"}], "state": "absent"},
    ]
    file = migration(
        tmp_path,
        keyspace=keyspace,
        tables=tables,
        connection={"login_host": node.address},
        options={"allow_data_loss": True, "rows_to_read": 5},
    )
    done = run_playbook(MIGRATE, "-e", f"migration_file={file}", CASSANDRA_HOST="127.255.255.254")
    assert done.returncode == 0, done.stdout
    assert (set(columns(cql, keyspace, "a")), set(columns(cql, keyspace, "b"))) == ({"id", "old", "x"}, {"id"})
    assert f"{keyspace}.a: 1 added" in own_lines(done.stdout)
    assert f"{keyspace}.b: 1 dropped" in own_lines(done.stdout)


def test_a_failure_in_the_third_table_says_what_the_first_two_are(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        cql.execute(f"CREATE TABLE {keyspace}.{name} (id int PRIMARY KEY)")
    cql.execute(f"CREATE TABLE {keyspace}.c (id int PRIMARY KEY, x text)")
    tables = [{"table": name, "columns": [{"x": "int"}]} for name in ("a", "b", "c")]
    failed = run_playbook(MIGRATE, "-e", f"migration_file={migration(tmp_path, keyspace=keyspace, tables=tables)}")
    assert failed.returncode != 0
    lines = own_lines(failed.stdout)
    for line in (
        f"{keyspace}.a: 1 not added",
        f"{keyspace}.b: 1 not added",
        f"{keyspace}.c: 1 in conflict",
    ):
        assert line in lines
    assert columns(cql, keyspace, "a") == {"id": "int"}


def test_a_restart_is_owed_to_what_is_older_than_the_column(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    """A play that ended after the change has left nothing but the column; the next one sees when that was added."""
    cql.execute(f'CREATE TABLE {keyspace}."T" (id int PRIMARY KEY, old text)')
    process, job, pid = tmp_path / "restart.sh", tmp_path / "job.sh", tmp_path / "pid"
    process.write_text(f"test -f {pid} && kill $(cat {pid})\nnohup sleep 600 >/dev/null 2>&1 & echo $! > {pid}\n")
    job.write_text(f"echo ran >> {tmp_path}/jobs\n")
    subprocess.run(["sh", str(process)], check=True)
    asked = {"keyspace": keyspace, "tables": [{"table": '"T"', "columns": [{"Odd": "int"}, {"old": "text"}]}]}
    services = [
        {"name": "Web", "manager": "command", "argv": ["sh", str(process)], "pid_file": str(pid)},
        {"name": "Job", "manager": "command", "argv": ["sh", str(job)]},
    ]
    whole = {**asked, "services": {"list": services, "state_file": str(tmp_path / "state.json")}}

    def migrate(content: dict[str, Any]) -> str:
        done = run_playbook(MIGRATE, "-e", f"migration_file={migration(tmp_path, **content)}")
        assert done.returncode == 0, done.stdout
        return done.stdout

    try:
        migrate(asked)
        first, second = migrate(whole), migrate(whole)
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
    assert f"Web: restarted, its process is older than column {keyspace}.T.odd" in first
    assert f"Job: restarted, nobody knows whether its process is newer than column {keyspace}.T.odd" in first
    assert ("Web: unchanged" in second, "Job: unchanged" in second) == (True, True), second
    assert (tmp_path / "jobs").read_text() == "ran\n"


def test_what_the_services_need_is_known_before_anything_changes(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    model = "from cassandra.cqlengine.columns import Integer\nclass T:\n    id = Integer()\n    # x = Integer()\n"
    (tmp_path / "models.py").write_text(model)
    file = migration(
        tmp_path,
        keyspace=keyspace,
        table="t",
        columns=[{"x": "int"}],
        model_fields=[{"path": str(tmp_path / "models.py"), "class_name": "T"}],
        services=[{"name": "Web", "manager": "supervisord", "program": "web", "supervisorctl": "/nowhere"}],
    )
    failed = run_playbook(MIGRATE, "-e", f"migration_file={file}")
    assert failed.returncode != 0
    assert "Services: Web: supervisord cannot be asked" in failed.stdout, failed.stdout
    assert (counts(failed.stdout)["failed"], counts(failed.stdout)["changed"]) == (1, 0)
    assert ((tmp_path / "models.py").read_text(), columns(cql, keyspace, "t")) == (model, {"id": "int"})


def test_two_migrations_in_one_play(cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    """What became of the application in the first one is not said of the second one, which ends before it."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, other text)")
    imports = "from cassandra.cqlengine.columns import Integer\n"
    (tmp_path / "models.py").write_text(
        imports + "class T:\n    id = Integer()\n    # x = Integer()\n    # other = Integer()\n"
    )
    for name, column in (("first", "x"), ("second", "other")):
        asked = {"keyspace": keyspace, "table": "t", "columns": [{column: "int"}]}
        whole = {**asked, "model_fields": [{"path": str(tmp_path / "models.py"), "class_name": "T"}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(whole))
    role = {"ansible.builtin.include_role": {"name": "stellarmap.cassandra.migration"}}
    tasks = [
        {"name": name, **role, "vars": {"migration_file": str(tmp_path / f"{name}.json")}}
        for name in ("first", "second")
    ]
    play = {"name": "Both", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (tmp_path / "both.json").write_text(json.dumps([play]))
    done = run_playbook(tmp_path / "both.json")
    assert done.returncode != 0
    first, complete, second = done.stdout.partition("Migration is complete")
    assert complete, done.stdout
    assert "Model fields: done" in first, first
    assert "Model fields: not reached" in second, second


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"keyspace": "k", "table": "t"}, "'columns' is missing"),
        ({"keyspace": "k", "table": "t", "colums": []}, "'colums' is unknown. Did you mean 'columns'?"),
        ({"keyspace": "k", "table": "t", "columns": [{"a": "txt<"}]}, "is not a CQL type"),
        (
            {"keyspace": "k", "table": "t", "columns": [{"a": "int"}], "connection": {"login_hots": "x"}},
            "Did you mean 'connection.login_host'?",
        ),
    ],
)
def test_a_bad_file_is_a_sentence_before_any_connection(
    run_playbook: RunPlaybook, tmp_path: Path, content: dict[str, Any], part: str
) -> None:
    file = migration(tmp_path, **content)
    failed = run_playbook(MIGRATE, "-e", f"migration_file={file}", CASSANDRA_HOST="127.255.255.254")
    assert failed.returncode != 0
    assert part in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr


@pytest.mark.parametrize(
    ("playbook", "given", "part"),
    [
        ("migrate", "aproved_plan=plan.json", "reads aproved_plan. Did you mean approved_plan?"),
        ("migrate", "plan_file=plan.json", "does not read plan_file. It reads: "),
        ("verify", "migration_hosts=nowhere", "no host of the inventory matches nowhere"),
        ("fleet", "x=1", "no host of the inventory matches all"),
        ("fleet", '{"fleet_hosts": "{{ nope }}"}', "'nope' is undefined"),
        ("migrate", "login_host=10.0.0.1", "It belongs to the migration file, as connection"),
        ("migrate", "dry_run=true", "It is an option of ansible-playbook: --check."),
    ],
)
def test_a_gate_that_would_do_nothing_is_not_green(
    run_playbook: RunPlaybook, playbook: str, given: str, part: str
) -> None:
    options = ("-e", given, "-e", "report_file=report.json")
    refused = run_playbook(f"stellarmap.cassandra.{playbook}", *options, CASSANDRA_HOST="127.255.255.254")
    assert refused.returncode != 0
    assert part in refused.stdout + refused.stderr
    assert "TASK" not in refused.stdout


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--tags", "web"], "no task of this playbook has a tag, so --tags web leaves none"),
        (["--skip-tags", "all"], "--skip-tags all leaves no task"),
        (["--start-at-task", "Report"], "--start-at-task would skip the tasks that read the migration file"),
        (["-e", "@migration.json"], "give the name of the file: -e migration_file=FILE"),
    ],
)
def test_options_that_leave_nothing_are_refused_and_reported(
    run_playbook: RunPlaybook, tmp_path: Path, options: list[str], part: str
) -> None:
    file = migration(tmp_path, keyspace="k", table="t", columns=[{"a": "int"}])
    named = [] if "-e" in options else ["-e", f"migration_file={file}"]
    refused = run_playbook(BY_NAME, *options, *named, "-e", "report_file=report.json", CASSANDRA_HOST="127.255.255.254")
    assert refused.returncode != 0
    assert part in refused.stdout + refused.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["outcome"], report["mode"], part in report["msg"]) == ("failed", "migrate", True)


def test_a_variable_that_the_file_uses_is_read(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    asked = {"keyspace": "{{ keyspace }}", "table": "t", "columns": [{"x": "int"}]}
    file = migration(tmp_path, **asked)
    done = run_playbook(BY_NAME, "-e", f"migration_file={file}", "-e", f"keyspace={keyspace}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert columns(cql, keyspace, "t")["x"] == "int"


def test_lookups_find_files_next_to_the_migration_file(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "columns.json").write_text('[{"x": "int"}]')
    file = migration(folder, keyspace=keyspace, table="t", columns="{{ lookup('file', 'columns.json') | from_json }}")
    done = run_playbook(BY_NAME, "-e", f"migration_file={file}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert columns(cql, keyspace, "t")["x"] == "int"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (
            b"keyspace: k\ntable: t\ncolumns: [{a: int}]\n# x\ncolumns: [{b: int}]\n",
            "'columns' stands twice, in the lines 3 and 5",
        ),
        (b"keyspace: k\ntable: caf\xe9\n", "is not encoded in UTF-8 (line 2)"),
        (b"keyspace: k\ntable: [t\npassword: s3cret\n", "is not YAML: line 2, column 8: the bracket [ that"),
        (b"", "is empty."),
        (
            b"keyspace: k\nconnection: [{login_password: s3cret}]\n",
            "'connection' must be a dictionary, not a list.",
        ),
        (b"keyspace: k\nconnection: {login_password: '{{ nope }} s3cret'}\n", "'nope' is undefined. Give it in the"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_shows_no_value(
    run_playbook: RunPlaybook, tmp_path: Path, content: bytes, part: str
) -> None:
    (tmp_path / "m.yml").write_bytes(content)
    failed = run_playbook(BY_NAME, "-vvv", "-e", "migration_file=m.yml", "-e", "report_file=report.json")
    assert failed.returncode != 0
    report = (tmp_path / "report.json").read_text()
    assert part in json.loads(report)["msg"]
    assert "s3cret" not in failed.stdout + failed.stderr + report
    assert counts(failed.stdout)["failed"] == 1


def test_without_a_file_the_smallest_one_is_shown(run_playbook: RunPlaybook) -> None:
    for playbook in ("migrate", "plan", "verify", "rollback", "render_cql"):
        failed = run_playbook(f"stellarmap.cassandra.{playbook}")
        assert failed.returncode != 0
        assert "No migration file is given. Write one, such as" in failed.stdout, playbook
        assert "- {name: shipped_at, type: timestamp}" in failed.stdout


@pytest.mark.parametrize("option", ["report_file", "plan_file"])
def test_a_missing_folder_is_found_before_anything_changes(
    table: Session, run_playbook: RunPlaybook, option: str
) -> None:
    playbook = "plan" if option == "plan_file" else "migrate"
    file = REPOSITORY / "playbooks" / "vars" / "dual_pipeline.yml"
    failed = run_playbook(
        f"stellarmap.cassandra.{playbook}", "-e", f"migration_file={file}", "-e", f"{option}=nowhere/x.json"
    )
    assert failed.returncode != 0
    said = " ".join(failed.stderr.split())
    assert f"{option} is nowhere/x.json, which cannot be written: the folder " in said
    assert "is missing, or you may not write to it. Nothing was changed." in said
    assert "pipeline_source" not in columns(table)


@pytest.mark.parametrize("name", ["migration_file", "approved_plan"])
def test_a_template_that_fails_is_no_variable_that_was_left_out(
    table: Session, run_playbook: RunPlaybook, name: str
) -> None:
    """One letter is missing in the template: it would have migrated without the plan, or by the collection's own file."""
    for playbook in ("migrate", "rollback"):
        file = "vars/dual_pipeline.yml"
        given = json.dumps({"migration_file": file, name: "{{ inventory_hostnam }}"})
        refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-e", given)
        assert refused.returncode != 0
        assert "'inventory_hostnam' is undefined" in refused.stdout + refused.stderr
    assert "pipeline_source" not in columns(table)


def test_the_file_of_the_inventory_is_read(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    file = migration(tmp_path, keyspace=KEYSPACE, table=TABLE, columns=[{"note": "text"}])
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(f"migration_file: {file}\n")
    (tmp_path / "hosts").write_text("bastion ansible_connection=local\n")
    for playbook, hosts in (("migrate", "migration_hosts=bastion"), ("fleet", "x=1")):
        done = run_playbook(f"stellarmap.cassandra.{playbook}", "-i", str(tmp_path / "hosts"), "-e", hosts)
        assert done.returncode == 0, done.stdout
    assert "note" in columns(table)
    assert "pipeline_source" not in columns(table)


def test_the_record_lies_where_the_playbook_was_started(
    table: Session, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    notify = {"record_json": "record-{{ inventory_hostname }}.json", "record_markdown": "record.md"}
    file = migration(tmp_path, keyspace=KEYSPACE, table=TABLE, columns=[{"note": "text"}], notify=notify)
    # The record says what changed, so a run that changes nothing leaves it alone.
    for _run in range(2):
        done = run_playbook(MIGRATE, "-e", f"migration_file={file}")
        assert done.returncode == 0, done.stdout
        assert json.loads((tmp_path / "record-localhost.json").read_text())["outcome"] == "complete"
        assert "is complete" in (tmp_path / "record.md").read_text()


def test_a_syntax_check_needs_no_inventory(run_playbook: RunPlaybook) -> None:
    done = run_playbook("stellarmap.cassandra.fleet", "--syntax-check")
    assert done.returncode == 0, done.stderr


def test_a_limit_that_leaves_no_host_is_not_green(run_playbook: RunPlaybook) -> None:
    for playbook, given in (("migrate", "x=1"), ("fleet", "fleet_hosts=eu")):
        refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-i", "eu,us", "--limit", "us", "-e", given)
        assert refused.returncode != 0
        assert "--limit us leaves no host of" in refused.stdout + refused.stderr


@pytest.mark.parametrize("path", ["nowhere.yml", "."])
def test_a_file_that_is_not_there_is_reported_too(run_playbook: RunPlaybook, tmp_path: Path, path: str) -> None:
    failed = run_playbook(BY_NAME, "-e", f"migration_file={path}", "-e", "report_file=report.json")
    assert failed.returncode != 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["outcome"], report["failed_step"], report["failure"]) == ("failed", "preparation", "invalid_input")
    assert report["msg"].startswith("There is no file nowhere.yml. Searched in:" if path != "." else ". is a folder.")


def test_several_hosts_are_an_error(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text("[app]\nweb[1:4]\n[app:vars]\nansible_connection=local\n")
    refused = run_playbook(MIGRATE, "-i", str(inventory), "-e", "migration_hosts=app")
    assert refused.returncode != 0
    assert "4 hosts, and the playbook migrate works for one." in " ".join(
        refused.stderr.split() + refused.stdout.split()
    )
    assert "pipeline_source" not in columns(table)


def test_by_name_and_imported(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    named = run_playbook(BY_NAME, "--check", "-e", "migration_file=vars/dual_pipeline.yml")
    assert (named.returncode, ALTER in named.stdout) == (0, True)
    file = migration(tmp_path, keyspace=KEYSPACE, table=TABLE, columns=[{"note": "text"}])
    playbook = tmp_path / "deploy.yml"
    playbook.write_text(
        "- name: Migrate\n  ansible.builtin.import_playbook: stellarmap.cassandra.migrate\n"
        f"  vars:\n    migration_file: {file}\n"
    )
    imported = run_playbook(playbook)
    assert imported.returncode == 0, imported.stdout
    assert columns(table)["note"] == "text"
    assert "pipeline_source" not in columns(table)


@pytest.mark.parametrize("wrong", ["127.255.255.254", ""])
def test_the_role_in_the_play_of_another_user(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path, wrong: str
) -> None:
    """The connection of the role comes before that of the environment; without one the play's defaults hold."""
    cql.execute(f'CREATE TABLE {keyspace}."Orders" (id int PRIMARY KEY)')
    address = f"      columns_connection: {{login_host: {node.address}}}" if wrong else ""
    playbook = tmp_path / "deploy.yml"
    playbook.write_text(f"""
- name: Deploy
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/stellarmap.cassandra.cassandra:
      login_host: {wrong or node.address}
  tasks:
    - name: Migrate
      ansible.builtin.include_role:
        name: stellarmap.cassandra.columns
      vars:
        columns_tables:
          - keyspace: {keyspace}
            table: '"Orders"'
            columns: [{{name: shipped_at, type: timestamp}}]
  {address}
    - name: Go on
      ansible.builtin.debug:
        msg: "{{{{ found[0].columns[0].status }}}} on {{{{ columns_result.cluster.name }}}}"
      vars:
        found: "{{{{ columns_result.tables }}}}"
""")
    done = run_playbook(playbook, CASSANDRA_HOST="127.255.255.254")
    assert done.returncode == 0, done.stdout
    assert "added on embedded" in done.stdout
    assert columns(cql, keyspace, "Orders")["shipped_at"] == "timestamp"


def test_the_driver_missing_is_said_as_ansible_says_it(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    # A package called cassandra which is not the driver hides the real one, as an empty environment would.
    hidden = tmp_path / "hidden" / "cassandra"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError(\"No module named 'cassandra'\")\n")
    failed = run_playbook(MIGRATE, PYTHONPATH=str(hidden.parent))
    output = re.sub(r"\s+", " ", failed.stdout + failed.stderr)
    assert failed.returncode != 0
    assert "The Python driver for Cassandra" in output
    assert "Python" in output
    assert "Traceback" not in output


def test_no_secret_of_a_right_file_is_shown(
    cql: Session, node: RunningNode, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    """In the options that hold secrets, in a run that passes its columns and in one that does not begin."""
    marker = "m4rk3r-of-a-s3cr3t"
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY)")
    closed = "http://127.0.0.1:1"
    content: dict[str, Any] = {
        "keyspace": keyspace,
        "table": "t",
        "columns": [{"x": "int"}],
        "connection": {"login_host": node.address, "login_user": "cassandra", "login_password": marker},
        "smoke_tests": {
            "base_url": closed,
            "headers": {"Authorization": marker},
            "deadline": 1,
            "retries": 0,
            "http": [{"name": "Orders", "url": f"/{marker}", "headers": {"X-Token": marker}}],
        },
        "notify": {
            "record_json": str(tmp_path / "record.json"),
            "webhooks": [{"url": f"{closed}/{marker}", "headers": {"Authorization": marker}}],
        },
    }
    for wrong in (
        {},
        {"tabel": marker},
        {"options": [marker]},
        {"notify": marker},
        {"connection": [content["connection"]]},
    ):
        file = migration(tmp_path, **{**content, **wrong})
        failed = run_playbook(BY_NAME, "-vvv", "-e", f"migration_file={file}", "-e", "report_file=report.json")
        assert failed.returncode != 0
        assert counts(failed.stdout)["failed"] == 1, failed.stdout
        texts = {path.name: path.read_text() for path in tmp_path.glob("re*.json")}
        assert set(texts) == {"record.json", "report.json"}
        assert [
            name for name, text in {**texts, "screen": failed.stdout + failed.stderr}.items() if marker in text
        ] == []
