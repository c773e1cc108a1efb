# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real application for the tests of this folder; C(running_application) says what it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cassandra.cluster import Session
from running_application import PLAYBOOKS, Application, application_table, running_application

from ..conftest import RunningNode, RunPlaybook

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def table(cql: Session) -> Iterator[Session]:
    """The application's table before the migration, with two accounts."""
    with application_table(cql):
        yield cql


@pytest.fixture
def application(table: Session, node: RunningNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application, running with its fields commented out."""
    with running_application(node.address, tmp_path_factory.mktemp("a")) as running:
        yield running


@pytest.fixture
def play(run_playbook: RunPlaybook, application: Application) -> Play:
    """Runs a playbook with the application's variables, and with its migration file, some of both changed."""

    def run(
        name: str,
        *options: str,
        file: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        **changed: Any,
    ) -> subprocess.CompletedProcess[str]:
        described = application.describe(file, **changed)
        return run_playbook(PLAYBOOKS / f"{name}.yml", *described, *options, **(environment or {}))

    return run
