# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One application on three hosts, each with its own folder and gunicorn: all of them, one after the other, and back."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from cassandra.cluster import Session
from running_application import KEYSPACE, PLAYBOOKS, TABLE, Application, running_application, with_fields

from ..conftest import RunningNode, RunPlaybook
from .test_killed import killed
from .test_lifecycle import NEW, columns

HOSTS = ("web1", "web2", "web3")
CONFIRMED = ("-e", "rollback_all_listed=true", "-e", f"rollback_confirm={TABLE}")
UNREACHABLE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}

MIGRATION: dict[str, Any] = {
    "title": "Sources",
    "keyspace": KEYSPACE,
    "table": TABLE.partition(".")[2],
    "columns": yaml.safe_load((PLAYBOOKS / "vars" / "dual_pipeline.yml").read_text())["columns"],
    "application": {
        "hosts": "web",
        "preset": "django",
        "path": "{{ stellarmapweb_path }}",
        "python": "{{ stellarmapweb_python }}",
        "url": "{{ stellarmapweb_url }}",
        "environment_file": "{{ stellarmapweb_environment_file }}",
    },
    "model_fields": [{"path": "apiApp/models_cassandra.py", "class_name": "StellarCreatorAccountLineage"}],
    "services": {"list": "{{ stellarmapweb_services[:1] }}", "state_file": "{{ stellarmapweb_path }}/state.json"},
    "smoke_tests": {
        "retries": 1,
        "headers": {"Host": "{{ stellarmapweb_host }}"},
        "http": [{"name": "Health", "url": "/health/", "json": {"values": {"status": "healthy"}}}],
        "data": [{"name": "Accounts", "query": f"SELECT id FROM {TABLE}", "expect": {"min_rows": 2}}],
        "canary": {
            "url": "/api/pipeline-stats/",
            "count": "bigquery_with_fallback_total",
            "ttl": 20,
            "row": {
                "id": "00000000-0000-4000-8000-000000000001",
                "stellar_account": "CANARY",
                "network_name": "public",
                "status": "COMPLETE",
                "pipeline_source": "BIGQUERY_WITH_API_FALLBACK",
            },
        },
    },
}

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def applications(
    table: Session, node: RunningNode, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Application]]:
    with contextlib.ExitStack() as stack:
        yield {
            host: stack.enter_context(running_application(node.address, tmp_path_factory.mktemp(host)))
            for host in HOSTS
        }


@pytest.fixture
def play(run_playbook: RunPlaybook, applications: dict[str, Application], tmp_path: Any) -> Play:
    """Runs a playbook; C(lost) are hosts that Ansible cannot reach, C(application) changes that section of the file."""
    inventory, migration = tmp_path / "inventory.yml", tmp_path / "migration.yml"

    def run(name: str, *options: str, lost: tuple[str, ...] = (), **changed: Any) -> subprocess.CompletedProcess[str]:
        environment = changed.pop("environment", {})
        hosts = {
            host: {**running.variables, **(UNREACHABLE if host in lost else HERE)}
            for host, running in applications.items()
        }
        inventory.write_text(json.dumps({"web": {"hosts": hosts}}))
        connection = {"login_host": "{{ lookup('ansible.builtin.env', 'CASSANDRA_HOST') }}"}
        section = {**MIGRATION["application"], **changed}
        migration.write_text(json.dumps({**MIGRATION, "connection": connection, "application": section}))
        written = ("-e", f"migration_file={migration}", "-e", f"report_file={tmp_path / 'report.json'}")
        return run_playbook(PLAYBOOKS / f"{name}.yml", "-i", str(inventory), *written, *options, **environment)

    return run


@pytest.fixture
def report(tmp_path: Any) -> Callable[[], dict[str, Any]]:
    """What the last run wrote, with the status of each host under C(hosts)."""

    def read() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
        return {**found, "hosts": [one["status"] for one in found.get("steps", []) if one["key"] == "host"]}

    return read


def web_pids(applications: dict[str, Application]) -> list[str]:
    return [(one.folder / "gunicorn.pid").read_text().strip() for one in applications.values()]


def models(applications: dict[str, Application]) -> list[str]:
    return [one.models.read_text() for one in applications.values()]


def test_there_and_again_and_back(
    play: Play, applications: dict[str, Application], table: Session, report: Callable[[], dict[str, Any]]
) -> None:
    off, pids = models(applications)[0], web_pids(applications)
    on = with_fields(off)

    # Each mistake is an error before anything changes.
    for options, words in [
        (("-e", "application_hosts=web,web9"), "no host of the inventory matches web9"),
        (("-e", "application_hosts=nowhere"), "no host of the inventory matches nowhere"),
        (("--limit", "localhost,web1"), "leaves out web2, web3 of application.hosts"),
    ]:
        refused = play("migrate", *options)
        assert (refused.returncode, words in refused.stdout + refused.stderr) == (2, True), refused.stdout
        assert report()["failure"] == "invalid_input"

    dry = play("migrate", "--check")
    assert (dry.returncode, report()["outcome"], report()["hosts"]) == (0, "dry_run", ["would be done"] * 3), dry.stdout
    assert (columns(table) & NEW, models(applications), web_pids(applications)) == (set(), [off] * 3, pids)

    lost = play("migrate", lost=("web2",))
    assert (lost.returncode, report()["hosts"]) == (2, ["not reached", "failed", "not reached"]), lost.stdout
    # The host from which the run connects is localhost, and it is not the one that is out of reach.
    assert report()["msg"].startswith("web2: Ansible could not reach this host: ")
    assert "localhost" not in report()["msg"]
    assert (columns(table) & NEW, models(applications), web_pids(applications)) == (set(), [off] * 3, pids)

    # Killed between two hosts, and done by the next run.
    died = play("migrate", environment=killed("SIGKILL", KILLER_NAME="Keep what became of the host"))
    assert died.returncode == -9
    assert columns(table) >= NEW
    assert models(applications) == [on, off, off]
    first = web_pids(applications)[0]
    assert first != pids[0]
    done = play("migrate")
    assert (done.returncode, report()["outcome"]) == (0, "complete"), done.stdout
    assert (report()["hosts"], models(applications)) == (["unchanged", "done", "done"], [on] * 3)
    assert web_pids(applications)[0] == first
    assert not set(web_pids(applications)) & set(pids)
    assert {(one["kind"], one.get("host")) for one in report()["checks"]} == {
        *((kind, host) for kind in ("http", "canary") for host in HOSTS),
        ("data", None),
    }
    assert all(one.get("/api/pipeline-stats/")[0] == 200 for one in applications.values())
    assert {row.stellar_account[0] for row in table.execute(f"SELECT stellar_account FROM {TABLE}")} == {"G"}

    again = play("migrate")
    assert (again.returncode, report()["outcome"], report()["hosts"]) == (0, "unchanged", ["unchanged"] * 3), (
        again.stdout
    )
    assert play("verify").returncode == play("drift").returncode == 0

    # A host that was forgotten is found, by its name.
    applications["web3"].models.write_text(off)
    forgotten = play("verify")
    assert (forgotten.returncode, report()["hosts"]) == (2, ["unchanged", "unchanged", "failed"]), forgotten.stdout
    assert report()["msg"].startswith("web3: It is not as listed")
    differs = play("drift")
    assert differs.returncode == 2
    assert {one["place"].partition(":")[0] for one in report()["findings"]} == {"web3"}, differs.stdout
    assert play("migrate").returncode == 0

    # Back: nothing is dropped while one host is not reachable, or not done.
    lost = play("rollback", *CONFIRMED, lost=("web3",))
    assert (lost.returncode, report()["hosts"]) == (2, ["not reached", "not reached", "failed"]), lost.stdout
    assert (columns(table) >= NEW, models(applications)) == (True, [on] * 3)
    with broken(applications["web2"]):
        stopped = play("rollback", *CONFIRMED)
    assert (stopped.returncode, report()["hosts"]) == (2, ["done", "failed", "not reached"]), stopped.stdout
    assert (columns(table) >= NEW, models(applications)) == (True, [off, off, on])
    back = play("rollback", *CONFIRMED)
    assert (back.returncode, report()["outcome"]) == (0, "complete"), back.stdout
    assert report()["hosts"] == ["unchanged", "done", "done"]
    assert (columns(table) & NEW, models(applications)) == (set(), [off] * 3)


def test_a_failure_stops_before_the_next_host_or_the_next_batch(
    play: Play, applications: dict[str, Application], table: Session, report: Callable[[], dict[str, Any]]
) -> None:
    off, pids = models(applications)[0], web_pids(applications)
    on = with_fields(off)
    with broken(applications["web1"]):
        stopped = play("migrate")
        assert (stopped.returncode, report()["hosts"]) == (2, ["failed", "not reached", "not reached"]), stopped.stdout
        assert "web1: Services: Django Server" in report()["msg"]
        assert (columns(table) >= NEW, models(applications)) == (True, [on, off, off])
        assert web_pids(applications)[1:] == pids[1:]
        batch = play("migrate", serial=[2, "100%"])
        assert (batch.returncode, report()["hosts"]) == (2, ["failed", "done", "not reached"]), batch.stdout
    whole = play("migrate", "-e", "application_hosts=web3,web1,web2")
    assert (whole.returncode, report()["outcome"]) == (0, "complete"), whole.stdout
    assert [one["name"] for one in report()["steps"] if one["key"] == "host"] == ["web3", "web1", "web2"]

    refused = play("fleet", "-e", "fleet_hosts=localhost")
    assert refused.returncode == 2
    assert "its application on many hosts belongs to one cluster" in refused.stdout


@contextlib.contextmanager
def broken(application: Application) -> Iterator[None]:
    """Its restart fails before it stops anything."""
    script = application.folder / "restart.sh"
    text = script.read_text()
    script.write_text("#!/bin/sh\nexit 3\n")
    yield
    script.write_text(text)
