# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the command line says, and which hosts a pattern of it names."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._command_line import command_line, extra_variables
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._hosts import application_hosts, inventory_hosts


def start(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("sys.argv", ["ansible-playbook", *shlex.split(words)])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("migrate.yml", ""),
        ("migrate.yml -e a=1 -e 'b=2 c=\"x y\"' --extra-vars d=e=f", "a b c d"),
        ("""-ea=1 site.yml --extra-vars='{"b": 2}' --extra 'c: 3' -e '[d]'""", "a b"),
        ("-vvvDCe a=1 -i hosts --limit web migrate.yml -t all", "a"),
        ("migrate.yml -e @more.yml -e @none.json", "from_file"),
        # A word of switches may end with an option that has a value.
        ("-Di hosts -e a=1 migrate.yml", "a"),
        ("-Kl web -bCu root -vi hosts -ea=1 migrate.yml", "a"),
        # Both are fine for Ansible.
        ("-e 'a=C:\\' migrate.yml", "a"),
        ("-e '{a: !vault x}' migrate.yml", "a"),
        ("-e", ""),
        ("-e ''", ""),
    ],
)
def test_the_variables_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, names: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.yml").write_text("from_file: 1\n")
    (tmp_path / "none.json").write_text("[]")
    start(monkeypatch, words)
    known: dict[str, Any] = dict.fromkeys("abcd", 1) | {"from_file": 1, "other": 1}
    assert sorted(extra_variables(DataLoader(), known)) == names.split()


@pytest.mark.parametrize(
    ("words", "task", "checks"),
    [
        ("a.yml", None, False),
        ("a.yml --start-at-task Report --syntax-check", "Report", True),
        ("--start=Report --syn a.yml", "Report", True),
        ("-Di hosts --start-at-task Report a.yml", "Report", False),
    ],
)
def test_what_leaves_tasks_out(monkeypatch: pytest.MonkeyPatch, words: str, task: str | None, checks: bool) -> None:
    start(monkeypatch, words)
    assert (command_line().start_at_task, command_line().syntax_check) == (task, checks)


GROUPS = {"all": ["web1", "web2", "db", "2001:db8::1"], "web": ["web1", "web2"], "ungrouped": ["db", "2001:db8::1"]}


@pytest.mark.parametrize(
    ("pattern", "limit", "hosts"),
    [
        ("all", None, "web1 web2 db 2001:db8::1"),
        ("web:db", None, "web1 web2 db"),
        ("web,db", "web1", "web1"),
        (["web", "db"], "!web1", "web2 db"),
        ("web:!web2", None, "web1"),
        ("web:&all", "all:!web2", "web1"),
        ("web[0:1]", None, "web1 web2"),
        ("~web[12]", "@FILE", "web2"),
        ("2001:db8::1", None, "2001:db8::1"),
        ("localhost", "localhost", "localhost"),
        ("nobody", None, ""),
        ("web", "", "web1 web2"),
        ("web", ",", "web1 web2"),
    ],
)
def test_the_hosts_of_a_pattern(tmp_path: Path, pattern: Any, limit: str | None, hosts: str) -> None:
    (tmp_path / "hosts").write_text("db\n\nweb2\n")
    limit = limit and limit.replace("FILE", str(tmp_path / "hosts"))
    assert inventory_hosts(DataLoader(), GROUPS, pattern, limit) == hosts.split()


@pytest.mark.parametrize(
    ("pattern", "limit", "said"),
    [
        ("web:wbe", None, "application.hosts is web:wbe, and no host of the inventory matches wbe."),
        ("nobody", None, "no host of the inventory matches nobody."),
        ("db:web:wbe", None, "no host of the inventory matches wbe."),
        ("web", "web1", "--limit web1 leaves out web2 of application.hosts"),
    ],
)
def test_hosts_that_are_not_there_are_named(pattern: str, limit: str | None, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        application_hosts(DataLoader(), pattern, {"groups": GROUPS, "ansible_limit": limit}, True)
    assert said in refused.value.message
    assert application_hosts(DataLoader(), "nobody", {"groups": GROUPS}, False) == []
