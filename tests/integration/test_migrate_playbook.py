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

from .conftest import REPOSITORY, RunningNode, RunPlaybook, statistics

MIGRATE = REPOSITORY / "playbooks" / "migrate.yml"
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
    ansible = re.compile(r"(PLAY|TASK|ok:|changed:|skipping:|included:|fatal:|\[ERROR\]|\w+\s+: ok=)|\s*$")
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
    assert own_lines(dry.stdout) == [
        f"{KEYSPACE}.{TABLE} on embedded: 3 would be added",
        *(f"  + {name} {type_}" for name, type_ in NEW.items()),
        f"  {ALTER};",
        own_lines(dry.stdout)[-1],
    ]
    assert own_lines(dry.stdout)[-1].startswith("dual-pipeline migration: dry run, nothing was changed (")
    assert columns(table) == before

    real = run_playbook(MIGRATE)
    assert real.returncode == 0, real.stdout
    assert counts(real.stdout)["changed"] == 1
    *_block, verified, outcome = own_lines(real.stdout)
    assert (f"  {ALTER};" in own_lines(real.stdout), outcome.partition(" (")[0]) == (
        True,
        "dual-pipeline migration complete",
    )
    assert re.fullmatch(r"  verified on 127\.\S+ \(Cassandra \S+\); all nodes hold one schema version", verified)
    assert columns(table) == {**before, **NEW}

    again = run_playbook(MIGRATE)
    assert (again.returncode, counts(again.stdout)["changed"]) == (0, 0)
    assert "ALTER" not in again.stdout
    assert own_lines(again.stdout)[-1].startswith("dual-pipeline migration complete, nothing was left to do")
    # Nothing of the driver's logging reaches the user, and a screen is enough.
    assert (dry.stderr, real.stderr, again.stderr) == ("", "", "")
    assert max(len(own_lines(run.stdout)) for run in (dry, real, again)) <= 25


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
    assert report["msg"].splitlines()[0] == f"{KEYSPACE}.{TABLE} on embedded: 3 added"


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
    failed = run_playbook(MIGRATE)
    assert failed.returncode != 0
    assert "  ! pipeline_source text: the table has int (regular)" in failed.stdout
    assert (
        "column pipeline_source is of type int, wanted is text. Nothing was executed." in failed.stdout + failed.stderr
    )
    assert "complete" not in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr


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
    assert f"{keyspace}.a on embedded: 1 added" in done.stdout
    assert f"{keyspace}.b on embedded: 1 dropped" in done.stdout


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
        f"{keyspace}.a on embedded: 1 not added",
        f"{keyspace}.b on embedded: 1 not added",
        f"{keyspace}.c on embedded: 1 in conflict",
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
    workflows = [
        {"name": "Web", "manager": "command", "argv": ["sh", str(process)], "pid_file": str(pid)},
        {"name": "Job", "manager": "command", "argv": ["sh", str(job)], "one_shot": True},
    ]
    whole = {**asked, "workflows": {"list": workflows, "state_file": str(tmp_path / "state.json")}}

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
    assert f"Job: restarted, nobody knows whether its last run is newer than column {keyspace}.T.odd" in first
    assert ("Web: unchanged" in second, "Job: unchanged" in second) == (True, True), second
    assert (tmp_path / "jobs").read_text() == "ran\n"


def test_two_migrations_in_one_play(cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    """What became of the application in the first one is not said of the second one, which ends before it."""
    cql.execute(f"CREATE TABLE {keyspace}.t (id int PRIMARY KEY, other text)")
    (tmp_path / "models.py").write_text("class T:\n    id = Integer()\n    # x = Integer()\n    # other = Integer()\n")
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
    first, complete, second = done.stdout.partition("migration complete")
    assert complete, done.stdout
    assert "Model fields: done" in first, first
    assert "Model fields: not reached" in second, second


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"keyspace": "k", "table": "t"}, "'columns' is missing"),
        ({"keyspace": "k", "table": "t", "colums": []}, "Unknown key 'colums': did you mean 'columns'?"),
        ({"keyspace": "k", "table": "t", "columns": [{"a": "txt<"}]}, "is not a CQL type"),
        (
            {"keyspace": "k", "table": "t", "columns": [{"a": "int"}], "connection": {"login_hots": "x"}},
            "Unknown key 'connection.login_hots': did you mean 'login_host'?",
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
        ("migrate", "plan_file=plan.json", "does not read plan_file. Did you mean approved_plan?"),
        ("verify", "migration_hosts=nowhere", "no host of the inventory matches nowhere"),
        ("fleet", "x=1", "no host of the inventory matches all"),
        ("fleet", '{"fleet_hosts": "{{ nope }}"}', "'nope' is undefined"),
    ],
)
def test_a_gate_that_would_do_nothing_is_not_green(
    run_playbook: RunPlaybook, playbook: str, given: str, part: str
) -> None:
    refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-e", given, CASSANDRA_HOST="127.255.255.254")
    assert refused.returncode != 0
    assert part in refused.stdout + refused.stderr
    assert "TASK" not in refused.stdout


@pytest.mark.parametrize("name", ["migration_file", "approved_plan"])
def test_a_template_that_fails_is_no_variable_that_was_left_out(
    table: Session, run_playbook: RunPlaybook, name: str
) -> None:
    """One letter is missing in the template: it would have migrated without the plan, or by the collection's own file."""
    for playbook in ("migrate", "rollback"):
        refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-e", json.dumps({name: "{{ inventory_hostnam }}"}))
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
    notify = {
        "when": "always",
        "record_json": "record-{{ inventory_hostname }}.json",
        "channels": [{"type": "file", "path": "log"}],
    }
    file = migration(tmp_path, keyspace=KEYSPACE, table=TABLE, columns=[{"note": "text"}], notify=notify)
    for outcome in ("complete", "unchanged"):
        done = run_playbook(MIGRATE, "-e", f"migration_file={file}")
        assert done.returncode == 0, done.stdout
        assert json.loads((tmp_path / "record-localhost.json").read_text())["outcome"] == outcome
    assert (tmp_path / "log").read_text().count("=====") == 2


def test_a_syntax_check_needs_no_inventory(run_playbook: RunPlaybook) -> None:
    done = run_playbook("stellarmap.cassandra.fleet", "--syntax-check")
    assert done.returncode == 0, done.stderr


def test_a_limit_that_leaves_no_host_is_not_green(run_playbook: RunPlaybook) -> None:
    for playbook, given in (("migrate", "x=1"), ("fleet", "fleet_hosts=eu")):
        refused = run_playbook(f"stellarmap.cassandra.{playbook}", "-i", "eu,us", "--limit", "us", "-e", given)
        assert refused.returncode != 0
        assert "--limit us leaves no host of" in refused.stdout + refused.stderr


def test_what_fails_before_anything_begins_is_a_result_too(run_playbook: RunPlaybook) -> None:
    failed = run_playbook(MIGRATE, "-e", "migration_file=nowhere.yml", ANSIBLE_SHOW_CUSTOM_STATS="1")
    assert failed.returncode != 0
    result = statistics(failed.stdout)["migration_result"]
    assert (result["outcome"], result["failure"]["step"]) == ("failed", "Preparation")
    assert result["failure"]["message"].startswith("There is no file nowhere.yml.")


@pytest.mark.parametrize(
    ("path", "part"), [("nowhere.yml", "There is no file nowhere.yml. Searched in:"), ("", "path is empty. Name the")]
)
def test_a_file_that_is_not_there(run_playbook: RunPlaybook, path: str, part: str) -> None:
    failed = run_playbook(MIGRATE, "-e", f"migration_file={path}")
    assert failed.returncode != 0
    assert part in failed.stdout + failed.stderr


def test_it_runs_once_whatever_the_inventory_holds(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text(
        "[app]\nweb[1:4]\n[app:vars]\nansible_connection=local\nansible_python_interpreter='{{ ansible_playbook_python }}'\n"
    )
    done = run_playbook(MIGRATE, "-i", str(inventory), "-e", "migration_hosts=app")
    assert done.returncode == 0, done.stdout
    assert (done.stdout.count("changed: ["), counts(done.stdout, "web1")["changed"]) == (1, 1)
    assert "The playbook migrate works once, from web1." in " ".join(done.stderr.split())
    assert columns(table)["pipeline_source"] == "text"
    alone = run_playbook(MIGRATE, "-i", str(inventory))
    assert (alone.returncode, counts(alone.stdout)["changed"]) == (0, 0)


def test_by_name_and_imported(table: Session, run_playbook: RunPlaybook, tmp_path: Path) -> None:
    named = run_playbook("stellarmap.cassandra.migrate", "--check")
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
def test_the_role_in_somebody_elses_play(
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
        columns_keyspace: {keyspace}
        columns_table: '"Orders"'
        columns_list:
          - name: shipped_at
            type: timestamp
  {address}
    - name: Go on
      ansible.builtin.debug:
        msg: "{{{{ columns_result.results[0].columns[0].status }}}} on {{{{ columns_result.cluster.name }}}}"
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
    assert "Failed to import the required Python library (cassandra-driver)" in output
    assert "Python" in output
    assert "Traceback" not in output
