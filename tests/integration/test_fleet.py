# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many clusters in one play: a real node behind many names, each with a keyspace of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cassandra.cluster import Session

from .conftest import REPOSITORY, RunningNode, RunPlaybook, statistics
from .test_migrate_playbook import counts

FLEET = REPOSITORY / "playbooks" / "fleet.yml"
# The canary, a wave of four, and one more wave.
CLUSTERS = 6


@pytest.fixture
def fleet(node: RunningNode, cql: Session, keyspace: str, tmp_path: Path) -> Callable[[Mapping[int, str]], list[str]]:
    """Makes the inventory, with another table in some of the clusters; gives back the options of the playbook."""

    def make(tables: Mapping[int, str]) -> list[str]:
        hosts = {}
        for number in range(CLUSTERS):
            cql.execute(f"CREATE TABLE {keyspace}.t{number} (id int PRIMARY KEY, v text)")
            hosts[f"cluster{number:02}"] = {
                "ansible_connection": "local",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "migration_connection": {"login_host": node.address},
                "cluster_table": tables.get(number, f"t{number}"),
            }
        (tmp_path / "clusters.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
        migration = {
            "keyspace": keyspace,
            "table": "{{ cluster_table }}",
            "columns": [{"name": "x", "type": "int"}],
        }
        (tmp_path / "migration.yml").write_text(json.dumps(migration))
        return ["-i", str(tmp_path / "clusters.yml"), "--forks", "4", "-e", f"migration_file={tmp_path}/migration.yml"]

    return make


OUTCOMES = {
    "is complete": "complete",
    "was complete already": "unchanged",
    "Nothing was changed": "dry run",
    "failed": "failed",
    "not started": "not started",
}


def report(output: str) -> list[str]:
    """The lines of the report that came last: each cluster with its outcome."""
    last = output.rpartition("TASK [Show how it went]")[2]
    lines = re.findall(r"(?m)^(cluster\d\d)  (\S.*)$", last)
    return [f"{name}: {next(OUTCOMES[words] for words in OUTCOMES if words in line)}" for name, line in lines]


@pytest.mark.promise
def test_one_report_of_all(run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]]) -> None:
    options = fleet({})
    for mode, outcome in ((["--check"], "dry run"), ([], "complete"), ([], "unchanged")):
        done = run_playbook(FLEET, *options, *mode, "-e", "report_file=fleet.json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert report(done.stdout) == [f"cluster{number:02}: {outcome}" for number in range(CLUSTERS)]
        assert re.search(r"(?m)^cluster00  embedded \(Cassandra \d", done.stdout)
        # The first cluster is a canary: the others come in another batch.
        assert done.stdout.count("PLAY [Migrate Cassandra tables on many clusters]") == 2


def test_a_statistic_of_the_play_holds_each_result(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]], tmp_path: Path
) -> None:
    """Even if a job before this one handed its own statistic on, as AWX does, and ansible.cfg has another strategy."""
    stale = json.dumps({"migration_result": {"outcome": "failed"}})
    environment = {"ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_STRATEGY": "free"}
    done = run_playbook(FLEET, *fleet({}), "--check", "-e", stale, "-e", "report_file=fleet.json", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert report(done.stdout) == [f"cluster{number:02}: dry run" for number in range(CLUSTERS)]
    for found in (statistics(done.stdout)["fleet_result"], json.loads((tmp_path / "fleet.json").read_text())):
        assert {name: one["outcome"] for name, one in found["clusters"].items()} == {
            f"cluster{number:02}": "dry_run" for number in range(CLUSTERS)
        }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "The hosts cluster00 and cluster01 are the same Cassandra cluster (node "),
        # By the ids of the nodes, whatever the addresses are.
        (["127.255.255.254"], "The hosts cluster00 and cluster01 are the same Cassandra cluster (node "),
    ],
)
def test_two_hosts_that_are_one_cluster_are_named(
    node: RunningNode,
    run_playbook: RunPlaybook,
    fleet: Callable[[Mapping[int, str]], list[str]],
    tmp_path: Path,
    more: list[str],
    words: str,
) -> None:
    options = fleet({1: "t0"})
    clusters = json.loads((tmp_path / "clusters.yml").read_text())
    clusters["all"]["hosts"]["cluster01"]["migration_connection"] = {"login_host": [node.address, *more]}
    (tmp_path / "clusters.yml").write_text(json.dumps(clusters))
    done = run_playbook(FLEET, *options, "--check", "--limit", "cluster00,cluster01")
    assert done.returncode != 0
    assert words in done.stdout


def test_a_host_without_a_connection_of_its_own_is_named(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]], tmp_path: Path
) -> None:
    options = fleet({})
    clusters = json.loads((tmp_path / "clusters.yml").read_text())
    del clusters["all"]["hosts"]["cluster00"]["migration_connection"]
    (tmp_path / "clusters.yml").write_text(json.dumps(clusters))
    done = run_playbook(FLEET, *options)
    assert done.returncode != 0
    assert "The host cluster00 has no connection of its own" in done.stdout


def test_the_canary_stops_all(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]], cql: Session, keyspace: str
) -> None:
    done = run_playbook(FLEET, *fleet({0: "missing"}))
    assert done.returncode != 0
    lines = report(done.stdout)
    assert lines[:1] == ["cluster00: failed"], done.stdout
    last = done.stdout.rpartition("TASK [Show how it went]")[2]
    assert "             " in last
    assert "missing" in last.partition("cluster01")[0]
    assert counts(done.stdout, "cluster00")["failed"] == 1
    assert lines[1:] == [f"cluster{number:02}: not started" for number in range(1, CLUSTERS)]
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s"
    assert "x" not in {row.column_name for row in cql.execute(query, (keyspace,))}


@pytest.mark.parametrize("away", ["cluster02", "cluster05"])
def test_what_is_not_reached_is_not_called_not_started(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]], tmp_path: Path, away: str
) -> None:
    """Even if it is the last host, after which nobody is left in the play."""
    options = fleet({})
    (tmp_path / "nowhere.py").write_text(
        "from ansible.errors import AnsibleConnectionFailure\n"
        "from ansible.plugins.connection.local import Connection as Local\n"
        "DOCUMENTATION = 'name: nowhere\\nshort_description: reaches nothing\\ndescription: none\\nauthor: none'\n"
        "class Connection(Local):\n"
        "    def _connect(self):\n"
        "        raise AnsibleConnectionFailure('no way')\n"
        "    exec_command = put_file = fetch_file = lambda self, *given, **more: self._connect()\n"
    )
    clusters = json.loads((tmp_path / "clusters.yml").read_text())
    clusters["all"]["hosts"][away]["ansible_connection"] = "nowhere"
    clusters["all"]["hosts"]["cluster04"]["own_file"] = "nowhere.yml"
    (tmp_path / "clusters.yml").write_text(json.dumps(clusters))
    files = f"{{{{ own_file | default('{tmp_path}/migration.yml') }}}}"
    options += ["-e", json.dumps({"migration_file": files, "fleet_max_fail_percentage": 90, "fleet_serial": [1, 4, 1]})]
    page = tmp_path / "fleet.html"
    done = run_playbook(FLEET, *options, "-e", f"fleet_page={page}", ANSIBLE_CONNECTION_PLUGINS=str(tmp_path))
    assert report(done.stdout) == [
        f"cluster{number:02}: {'failed' if f'cluster{number:02}' in (away, 'cluster04') else 'complete'}"
        for number in range(CLUSTERS)
    ], done.stdout
    assert "Ansible could not reach this host: " in done.stdout
    assert done.returncode != 0
    assert "There is no file nowhere.yml." in page.read_text()
    assert "6 clusters: 4 complete, 2 failed." in page.read_text()


def test_an_approved_plan_is_for_its_cluster_alone(
    run_playbook: RunPlaybook,
    fleet: Callable[[Mapping[int, str]], list[str]],
    cql: Session,
    keyspace: str,
    tmp_path: Path,
) -> None:
    options, plan = fleet({}), tmp_path / "plan.json"
    planned = run_playbook("stellarmap.cassandra.plan", *options, "-e", f"plan_file={plan} migration_hosts=cluster00")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    done = run_playbook(FLEET, *options, "-e", f"approved_plan={plan}")
    assert done.returncode != 0
    assert report(done.stdout) == [
        "cluster00: complete",
        *(f"cluster{number:02}: failed" for number in range(1, CLUSTERS)),
    ], done.stdout
    query = (
        "SELECT table_name FROM system_schema.columns WHERE keyspace_name = %s AND column_name = 'x' ALLOW FILTERING"
    )
    assert [row.table_name for row in cql.execute(query, (keyspace,))] == ["t0"]


def test_a_plan_for_each_cluster(
    run_playbook: RunPlaybook,
    fleet: Callable[[Mapping[int, str]], list[str]],
    cql: Session,
    keyspace: str,
    tmp_path: Path,
) -> None:
    options, names = fleet({}), [f"cluster{number:02}" for number in range(CLUSTERS)]
    (tmp_path / "plans").mkdir()
    folder = ("-e", "migration_hosts=all", "-e", "plan_folder=plans")
    planned = run_playbook("stellarmap.cassandra.plan", *options, *folder, "-e", "report_file=plans.json")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    page = (tmp_path / "plans" / "plans.md").read_text()
    assert [name for name in names if f"| {name} | embedded (Cassandra" not in page or f"## {name}" not in page] == []
    assert {path.name for path in (tmp_path / "plans").glob("*.json")} == {f"{name}.json" for name in names}
    assert json.loads((tmp_path / "plans.json").read_text())["outcome"] == "dry_run"
    done = run_playbook(FLEET, *options, "-e", "approved_plans=plans")
    assert done.returncode == 0, done.stdout
    assert report(done.stdout) == [f"{name}: complete" for name in names]
    # The rollback is for one of them, by its own plan.
    one = ("-e", "migration_hosts=cluster01", "-e", "approved_plan=plans/cluster01.json")
    back = run_playbook("stellarmap.cassandra.rollback", *options, *one, "-e", f"rollback_confirm={keyspace}.t1")
    assert back.returncode == 0, back.stdout
    query = (
        "SELECT table_name FROM system_schema.columns WHERE keyspace_name = %s AND column_name = 'x' ALLOW FILTERING"
    )
    assert "t1" not in {row.table_name for row in cql.execute(query, (keyspace,))}


def test_a_dry_run_writes_the_page(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]], tmp_path: Path
) -> None:
    done = run_playbook(FLEET, *fleet({}), "--check", "-e", "fleet_page=fleet.html")
    assert done.returncode == 0, done.stdout
    assert f"{CLUSTERS} clusters: {CLUSTERS} dry run." in (tmp_path / "fleet.html").read_text()


def test_some_failures_may_be_allowed(
    run_playbook: RunPlaybook, fleet: Callable[[Mapping[int, str]], list[str]]
) -> None:
    allowed = json.dumps({"fleet_serial": [1, 4, "100%"], "fleet_max_fail_percentage": 30})
    done = run_playbook(FLEET, *fleet({3: "missing"}), "-e", allowed)
    lines = report(done.stdout)
    outcomes = [line.partition(": ")[2] for line in lines]
    assert outcomes == ["complete"] * 3 + ["failed"] + ["complete"] * (CLUSTERS - 4)
    assert done.returncode != 0
