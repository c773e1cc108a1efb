# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils import _runner
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import explain_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.options import column_options
from ansible_collections.stellarmap.cassandra.plugins.modules import cassandra_query_info

SHAPE = "is a list, and each of its items is a mapping, written as '- key: value' in YAML."
MISSING = "missing required arguments: table"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"keyspace": "k", "tabel": "t"}, ". Did you mean 'table' by 'tabel'?"),
        ({"tables": [{"table": "t"}, {"tabel": "u"}]}, ". Did you mean 'table' by 'tabel'?"),
        ({"keyspce": "k", "zzzzzz": 1}, ". Did you mean 'keyspace' by 'keyspce'?"),
        ({"colums": [], "sate": "absent"}, ". Did you mean 'columns' by 'colums'?. Did you mean 'state' by 'sate'?"),
        ({"zzzzzz": 1, "_ansible_check_mode": True}, ""),
        ({"table": "t", "columns": None, "tables": [{"table": "t"}]}, ""),
        ({"columns": {"a": "int"}}, f". 'columns' {SHAPE}"),
        ({"columns": ["a int"]}, f". 'columns' {SHAPE}"),
        ({"tables": {"t": {}}}, f". 'tables' {SHAPE}"),
    ],
)
def test_the_option_that_is_likely_to_be_meant(given: dict[str, Any], meant: str) -> None:
    assert explain_options(MISSING, column_options(), given, {}) == MISSING + meant.replace("?.", "?")


UNSUPPORTED = (
    "Unsupported parameters for (cassandra_column) module: {}. Supported parameters include: columns, keyspace."
)


@pytest.mark.parametrize(
    ("message", "given", "said"),
    [
        # Ansible's list of all options says less than the one that is meant.
        (UNSUPPORTED.format("tabel"), {"tabel": "t"}, "module: tabel. Did you mean 'table' by 'tabel'?"),
        (UNSUPPORTED.format("zzzz"), {"zzzz": "t"}, "module: zzzz. Supported parameters include: columns, keyspace."),
        # The environment gives an option that the task misspells.
        (
            UNSUPPORTED.format("login_hots"),
            {"login_hots": ["db1"], "login_host": ["10.0.0.9"]},
            "module: login_hots. Did you mean 'login_host' by 'login_hots'?",
        ),
        (
            "value of state must be one of: present, absent, got: presnt",
            {"state": "presnt"},
            "got: presnt. Did you mean 'present'?",
        ),
        (
            "value of consistency must be one of: ONE, LOCAL_QUORUM, got: LOCAL_QUOROM",
            {"consistency_level": "LOCAL_QUOROM"},
            "Did you mean 'LOCAL_QUORUM'?",
        ),
        ("value of state must be one of: present, absent, got: x", {"state": "x"}, "got: x"),
        # With words of another version the facts say the same.
        ("no such choice", {"state": "presnt"}, "no such choice. Did you mean 'present'?"),
        ("no number", {"login_port": "9x"}, "comes from the environment variable CASSANDRA_PORT."),
        ("no number", {"login_port": "8x"}, "no number"),
        ("Not known: tabel. Known are: table", {"tabel": "t"}, "Known are: table. Did you mean 'table' by 'tabel'?"),
        (
            "argument 'login_port' is of type str and we were unable to convert to int",
            {"login_port": "9x"},
            "to int. Where the task does not give it, login_port comes from the environment variable CASSANDRA_PORT.",
        ),
    ],
)
def test_what_ansible_says_gets_what_helps(message: str, given: dict[str, Any], said: str) -> None:
    spec = {**connection_options(), **column_options(), **cassandra_query_info.JOB.options}
    assert explain_options(message, spec, given, {"CASSANDRA_PORT": "9x"}).endswith(said)


class Opened(contextlib.ExitStack):
    warnings: list[str]


FORGED = "words \x1b[31m\n[ERROR]: forged\u202e"


@pytest.mark.parametrize("error", [InvalidInput(FORGED), ZeroDivisionError(FORGED)], ids=lambda one: type(one).__name__)
def test_no_text_of_a_server_reaches_the_screen_as_it_is(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(session: Any, _wanted: None, _check: bool) -> dict[str, Any]:
        session.tell(FORGED)
        session.warnings.append(FORGED)
        raise error

    lines: list[str] = []
    opened = Opened()
    opened.warnings = []
    monkeypatch.setattr(_runner, "open_session", lambda _settings: opened)
    params: dict[str, Any] = {name: option.get("default") for name, option in connection_options().items()}
    job = _runner.Job({}, lambda _params: None, work)
    result, warnings = _runner.perform(job, {**params, "login_host": ["db1"]}, False, lambda: None, lines.append)
    assert len(warnings) == len(lines) == 1
    for text in (result["msg"], *warnings, *lines):
        assert text.isprintable(), repr(text)
        assert "forged" in text
