# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pipelines of docs/pipelines.md: each job is done as GitLab, GitHub and AWX do it, in a folder of its own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cassandra.cluster import Session

from .conftest import REPOSITORY, RunningNode, run_playbook_here, statistics
from .test_documentation import blocks, yaml_texts

GUIDE = REPOSITORY / "docs" / "pipelines.md"
BLOCKS = [*blocks(GUIDE), *blocks(REPOSITORY / "docs" / "approval.md")]
# nox -s build installs the tarball in place of these.
INSTALLS = {
    'pip install "ansible-core==2.19.*" "cassandra-driver==3.30.*"',
    "ansible-galaxy collection install stellarmap.cassandra:0.1.0",
}
ALTER = "ALTER TABLE shop.orders ADD (shipped_at timestamp);"
OTHER = "column other, a regular column of type int, was added. "

PASSWORD = "not-a-real-pa55"
LOGIN = {"CASSANDRA_USER": "migrator", "CASSANDRA_PASSWORD": PASSWORD}

# Does one more job, which is the first one or the second one; gives what it printed and its exit code.
Job = Callable[[], tuple[str, int]]


@pytest.fixture
def orders(cql: Session) -> Iterator[Callable[[], set[str]]]:
    """A table shop.orders; tells the names of its columns."""
    cql.execute(
        "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", timeout=30
    )
    cql.execute("CREATE TABLE shop.orders (id uuid PRIMARY KEY, note text)", timeout=30)

    def columns() -> set[str]:
        names = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = 'shop' AND table_name = 'orders'"
        return {row.column_name for row in cql.execute(names)}

    yield columns
    cql.execute("DROP KEYSPACE shop", timeout=30)


def checkout(tmp_path: Path, job: str, address: str) -> Path:
    """What the repository of the migration holds, on a machine which nothing else is on."""
    folder = tmp_path / job
    folder.mkdir()
    (file,) = [block for block in BLOCKS if isinstance(block, dict) and "requires_approved_plan" in block]
    (folder / "shipped_at.yml").write_text(yaml.safe_dump({**file, "connection": {"login_host": address}}))
    return folder


def run_lines(folder: Path, lines: list[str], environment: Mapping[str, str]) -> tuple[str, int]:
    """The lines of a job up to the first that fails."""
    output = ""
    for line in lines:
        if line in INSTALLS:
            continue
        program, *rest = shlex.split(line)
        if program == "ansible-playbook":
            done = run_playbook_here(folder, rest[0], *rest[1:], **environment)
        else:
            done = subprocess.run(
                ["bash", "-ec", line], cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
            )
        output += done.stdout + done.stderr
        if done.returncode:
            return output, done.returncode
    return output, 0


def gitlab(tmp_path: Path, address: str) -> Iterator[Job]:
    (pipeline,) = [block for block in BLOCKS if isinstance(block, dict) and "stages" in block]
    kept: list[Path] = []
    for stage in pipeline["stages"]:
        ((name, job),) = [
            (name, one) for name, one in pipeline.items() if name != "stages" and one.get("stage") == stage
        ]
        folder = checkout(tmp_path, name, address)
        for path in kept:
            shutil.copy(path, folder)

        def run(folder: Path = folder, job: dict[str, Any] = job) -> tuple[str, int]:
            return run_lines(folder, pipeline["default"]["before_script"] + job["script"], LOGIN)

        yield run
        kept = [folder / path for path in job.get("artifacts", {}).get("paths", [])]


def github(tmp_path: Path, address: str) -> Iterator[Job]:
    (workflow,) = [block for block in BLOCKS if isinstance(block, dict) and "jobs" in block]
    summary = tmp_path / "summary.md"
    store = tmp_path / "artifacts"
    for name, job in workflow["jobs"].items():
        folder = tmp_path / name

        def run(name: str = name, folder: Path = folder, job: dict[str, Any] = job) -> tuple[str, int]:
            output, code = "", 0
            for step in job["steps"]:
                action = step.get("uses", "").split("@")[0]
                if action == "actions/checkout":
                    checkout(tmp_path, name, address)
                elif action == "actions/upload-artifact":
                    store.mkdir()
                    for path in folder.glob(step["with"]["path"]):
                        shutil.copy(path, store)
                elif action == "actions/download-artifact":
                    shutil.copytree(store, folder, dirs_exist_ok=True)
                else:
                    secrets = step.get("env", {}).items()
                    environment = {name: re.sub(r"\$\{\{ secrets.*\}\}", PASSWORD, value) for name, value in secrets}
                    text, code = run_lines(folder, [step["run"]], {**environment, "GITHUB_STEP_SUMMARY": str(summary)})
                    output += text
                if code:
                    break
            return output, code

        yield run
    assert ALTER in summary.read_text()


def awx(tmp_path: Path, address: str) -> Iterator[Job]:
    """AWX gives a job the variables of its template, and what set_stats of the jobs before it kept, as extra variables."""
    templates = dict(re.findall(r"`((?:plan_file|approved_plan)): (/tmp/plan\.json)`", GUIDE.read_text()))
    assert set(templates) == {"plan_file", "approved_plan"}
    artifacts: dict[str, Any] = {}
    for name, variable in (("plan", "plan_file"), ("migrate", "approved_plan")):
        (text,) = [text for text in yaml_texts(GUIDE) if text.startswith(f"# {name}.yml:")]
        folder = checkout(tmp_path, name, address)
        (folder / f"{name}.yml").write_text(text)
        # Each job has a container of its own: so has /tmp.
        extra = {
            "migration_file": "shipped_at.yml",
            variable: str(folder / Path(templates[variable]).name),
            **artifacts,
        }

        def run(name: str = name, folder: Path = folder, extra: dict[str, Any] = extra) -> tuple[str, int]:
            (folder / "extra.json").write_text(json.dumps(extra))
            done = run_playbook_here(
                folder,
                f"{name}.yml",
                "-e",
                "@extra.json",
                ANSIBLE_SHOW_CUSTOM_STATS="1",
                **LOGIN,
            )
            if not done.returncode:
                # Ansible keeps no statistic of a task that failed.
                artifacts.update(statistics(done.stdout))
            return done.stdout + done.stderr, done.returncode

        yield run


PIPELINES = [gitlab, github, awx]


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("edited", [False, True], ids=["as approved", "the table was changed"])
def test_a_plan_goes_from_the_first_job_to_the_second(
    orders: Callable[[], set[str]],
    cql: Session,
    node: RunningNode,
    tmp_path: Path,
    pipeline: Callable[[Path, str], Iterator[Job]],
    edited: bool,
) -> None:
    jobs = pipeline(tmp_path, node.address)
    output, code = next(jobs)()
    assert code == 0, output
    assert orders() == {"id", "note"}
    if edited:
        cql.execute("ALTER TABLE shop.orders ADD other int", timeout=30)
    output, code = next(jobs)()
    if edited:
        assert code != 0, output
        assert OTHER in output
        assert "Nothing was executed." in output
        assert orders() == {"id", "note", "other"}
    else:
        assert code == 0, output
        assert ALTER in output
        assert orders() == {"id", "note", "shipped_at"}
    assert next(jobs, None) is None
