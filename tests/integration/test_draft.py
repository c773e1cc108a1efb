# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From models to tables: what is drafted, applied, and compared again is what C(sync_table) creates, for each column class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cassandra.cluster import Session
from cassandra.cqlengine import connection, management, models
from on_node import session_on

from ansible_collections.stellarmap.cassandra.plugins.module_utils._draft.column import CLASSES

from .conftest import RunModule, RunningNode, RunPlaybook, run_module_here

HEAD = """\
from cassandra.cqlengine import columns
from cassandra.cqlengine.models import Model
from cassandra.cqlengine.usertype import UserType


class HomeAddress(UserType):
    street = columns.Text()


class Thing(Model):
    id = columns.UUID(primary_key=True)
    at = columns.Integer(primary_key=True)
"""
# How people write a field of each class.
FIELDS = {
    **{name: f"columns.{name}()" for name in CLASSES},
    "List": "columns.List(columns.Text)",
    "Set": "columns.Set(columns.Integer(), strict=False)",
    "Map": "columns.Map(columns.Text, columns.DateTime)",
    "Tuple": "columns.Tuple(columns.Text, columns.Integer)",
    "UserDefinedType": "columns.UserDefinedType(HomeAddress)",
    "nested lists": "columns.List(columns.List(columns.Set(columns.Float)))",
    "nested maps": "columns.Map(columns.Text, columns.Map(columns.TimeUUID, columns.Blob))",
    "tuples in a set": "columns.Set(columns.Tuple(columns.Text, columns.List(columns.Integer)))",
    "types in a list": "columns.List(columns.UserDefinedType(HomeAddress))",
    "types in a map": "columns.Map(columns.Text, columns.UserDefinedType(HomeAddress))",
    "static": "columns.Decimal(static=True)",
    "static collection": "columns.Map(columns.Text, columns.Text, static=True)",
    "db_field": 'columns.Text(db_field="Other Name")',
    "reserved word": 'columns.Text(db_field="order")',
}


@pytest.fixture(scope="module")
def engine(node: RunningNode) -> Iterator[Session]:
    """A session that belongs to cqlengine."""
    with pytest.MonkeyPatch.context() as patch, session_on(node.address) as session:
        patch.setenv("CQLENG_ALLOW_SCHEMA_MANAGEMENT", "1")
        # It looks a table up in what the driver knows of the schema.
        session.cluster.schema_metadata_enabled = True
        connection.register_connection("draft", session=session, default=True)
        yield session
        connection.unregister_connection("draft")


@pytest.fixture
def keyspaces(cql: Session, keyspace: str) -> Iterator[tuple[str, str]]:
    """One for the engine and one for the draft."""
    other = f"{keyspace}_drafted"
    cql.execute(f"CREATE KEYSPACE {other} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    yield keyspace, other
    cql.execute(f"DROP KEYSPACE {other}", timeout=30)


def synchronized(source: str, keyspace: str) -> None:
    """What the engine makes of the file."""
    scope: dict[str, Any] = {"__name__": "drafted_models"}
    exec(compile(source, "models.py", "exec"), scope)  # noqa: S102
    for one in list(scope.values()):
        if isinstance(one, type) and issubclass(one, models.Model) and not one.__abstract__:
            connection.get_cluster("draft").refresh_schema_metadata()
            management.sync_table(one, keyspaces=[keyspace], connections=["draft"])


def described(cql: Session, keyspace: str) -> list[tuple[Any, ...]]:
    rows = cql.execute(
        "SELECT table_name, column_name, type, kind, position FROM system_schema.columns WHERE keyspace_name = %s",
        (keyspace,),
    )
    return sorted(map(tuple, rows))


def fresh(cql: Session, keyspace: str) -> None:
    """The table as it was before the field."""
    cql.execute(f"CREATE TYPE {keyspace}.home_address (street text)")
    cql.execute(f"CREATE TABLE {keyspace}.thing (id uuid, at int, PRIMARY KEY (id, at))")


# What is commented out is read by the same rules: each rule of its own once, of one type of each shape.
COMMENTED = ("Text", "nested lists", "UserDefinedType", "static", "db_field")


@pytest.mark.parametrize(
    ("kind", "sign"), [*((kind, "") for kind in FIELDS), *((kind, "# ") for kind in COMMENTED)], ids=str
)
def test_a_draft_makes_what_the_engine_makes(
    kind: str,
    sign: str,
    engine: Session,
    cql: Session,
    keyspaces: tuple[str, str],
    run_module: RunModule,
    tmp_path: Path,
) -> None:
    synced, drafted = keyspaces
    file = tmp_path / "models.py"
    fresh(cql, drafted)
    cql.execute(f"CREATE TYPE {synced}.home_address (street text)")
    synchronized(f"{HEAD}    field = {FIELDS[kind]}\n", synced)
    file.write_text(f"{HEAD}    {sign}field = {FIELDS[kind]}\n")
    task = {"models": [str(file)], "keyspace": drafted}

    found = run_module("cassandra_models_info", task)
    assert (found["failed"], found["changed"], found.get("undecided")) == (False, False, []), found
    migration = yaml.safe_load(found["draft"])
    assert set(migration) == {"keyspace", "table", "columns", *(["model_fields"] if sign else [])}
    if kind == "Counter":
        # A table has either counters or other columns: the engine made one of counters.
        cql.execute(f"DROP TABLE {drafted}.thing")
        cql.execute(f"CREATE TABLE {drafted}.thing (id uuid, at int, c counter, PRIMARY KEY (id, at))")
    columns = {name: migration[name] for name in ("keyspace", "table", "columns")}
    done = run_module("cassandra_column", columns)
    assert (done["failed"], done["changed"]) == (False, True), done
    if kind == "Counter":
        cql.execute(f"ALTER TABLE {drafted}.thing DROP c")
    assert described(cql, drafted) == described(cql, synced)
    if sign:
        present = run_module("cassandra_models_info", task)["tables"][0]["columns"]
        assert [(one["present"], one["commented"]) for one in present] == [(True, True)]
        (entry,) = migration["model_fields"]
        assert not run_module_here("model_fields", entry)["failed"]
        assert file.read_text() == f"{HEAD}    field = {FIELDS[kind]}\n"

    again = run_module("cassandra_models_info", task)
    assert (again["draft"], again["tables"], again["undecided"]) == ("", [], [])


def test_what_a_table_has_otherwise_is_listed(
    cql: Session, keyspace: str, run_module: RunModule, tmp_path: Path
) -> None:
    fresh(cql, keyspace)
    cql.execute(f"ALTER TABLE {keyspace}.thing ADD (a text, b int static, createdat timestamp)")
    (tmp_path / "models.py").write_text(
        f"{HEAD}    a = columns.Integer()\n    b = columns.Integer()\n    # at2 = columns.Text(primary_key=True)\n"
        "    createdAt = columns.DateTime()\n    new = columns.Text(primary_key=True)\n    good = columns.Text(index=True)\n"
        "    bad = columns.List(columns.Counter)\n"
        "\n\nclass Ghost(Model):\n    id = columns.UUID(primary_key=True)\n"
        "\n\nclass Other(Model):\n    __keyspace__ = 'nowhere'\n    id = columns.UUID(primary_key=True)\n"
        "\n\nclass One(Model):\n    __table_name__ = 'both'\n    id = columns.UUID(primary_key=True)\n"
        "\n\nclass Two(Model):\n    __table_name__ = 'both'\n    id = columns.UUID(primary_key=True)\n"
    )
    (tmp_path / "broken.py").write_text("class\n")
    found = run_module("cassandra_models_info", {"models": [str(tmp_path)], "keyspace": keyspace})
    (table,) = found["tables"]
    assert [one["name"] for one in table["columns"]] == ["createdAt", "good"]
    told = "\n".join(one["what"] for one in found["undecided"])
    for sentence in (
        "broken.py is no valid Python source",
        "a (line 13): column a is of type text, wanted is int.",
        "b (line 14): column b is a static column of type int, wanted is a regular column of type int.",
        "At2 (line 15) is a part of the primary key",
        "new (line 17) is a part of the primary key, and the table has no column new: no migration adds one.",
        "bad (line 19): counters are not allowed inside list<counter>.",
        "Table ghost does not exist in keyspace",
        "Keyspace nowhere does not exist",
        "Several classes have the table",
    ):
        assert sentence.lower() in told.lower(), told
    assert len(found["undecided"]) == 9, told
    assert "# Not decided, and so not in this file:" in found["draft"]
    assert "good; the model says index=True: add index to the column" in found["draft"]


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({}, {"models": ["missing.py"]}, "cannot be read: there is no such file"),
        ({}, {"models": []}, "No model files are given"),
        ({"models.py": "x = 1\n"}, {"models": ["models.py"]}, "has no model: no class there derives from Model"),
        ({"models.py": HEAD}, {"models": ["models.py"]}, "No keyspace is known for Thing ("),
        ({"models.py": "class\n"}, {"models": ["models.py"]}, "is no valid Python source"),
    ],
)
def test_bad_input_is_a_sentence_before_any_connection(
    files: dict[str, str],
    options: dict[str, Any],
    message: str,
    run_module: RunModule,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = run_module("cassandra_models_info", {"login_host": ["127.99.99.99"], **options})
    assert (found["failed"], found["failure"]) == (True, "invalid_input")
    assert message in found["msg"]


@pytest.mark.promise
def test_from_the_models_to_the_migration_and_back_to_nothing(
    cql: Session, keyspace: str, run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    """The playbook, its file as it stands, drift before and after; two tables and a relative path."""
    fresh(cql, keyspace)
    cql.execute(f'CREATE TABLE {keyspace}."Others" (id uuid PRIMARY KEY)')
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "models.py").write_text(
        f"{HEAD}    name = columns.Text()\n    # source = columns.Text()\n"
        "\n\nclass Other(Model):\n    __table_name__ = 'Others'\n    __table_name_case_sensitive__ = True\n"
        "    id = columns.UUID(primary_key=True)\n    on = columns.Boolean()\n"
    )
    draft = ("-e", "draft_models=shop/models.py", "-e", f"draft_keyspace={keyspace}")
    shown = run_playbook("stellarmap.cassandra.draft", *draft)
    assert shown.returncode == 0, shown.stdout
    assert "add -e draft_file=new.yml" in shown.stdout
    dry = run_playbook("stellarmap.cassandra.draft", *draft, "-e", "draft_file=new.yml", "--check")
    assert (dry.returncode, (tmp_path / "new.yml").exists()) == (0, False), dry.stdout
    written = run_playbook(
        "stellarmap.cassandra.draft", *draft, "-e", "draft_file=new.yml", "-e", "report_file=report.json"
    )
    assert written.returncode == 0, written.stdout
    assert (
        "Draft: 3 columns to add, 1 field to enable, 0 things to decide. The file is written to new.yml."
        in written.stdout
    )
    assert json.loads((tmp_path / "report.json").read_text())["outcome"] == "complete"
    before = (tmp_path / "new.yml").read_text()

    (tmp_path / "one.yml").write_text(f"{{keyspace: {keyspace}, table: thing, columns: [{{name: name, type: int}}]}}")
    files = {"migration_files": ["one.yml", "shop/models.py"], "drift_model_keyspace": keyspace}
    drifted = run_playbook("stellarmap.cassandra.drift", "-e", json.dumps(files))
    assert drifted.returncode == 2, drifted.stdout
    for place, what in (
        (f"{keyspace}.thing.source", "The column is missing: the file lists text."),
        (f'{keyspace}."Others".on', "The column is missing: the file lists boolean."),
        ("Thing.source", "The field is commented out (line 14)."),
        (f"{keyspace}.thing.name", "Two files contradict each other: one.yml says int, and shop/models.py says text."),
    ):
        assert f"{place} " in drifted.stdout
        assert what in drifted.stdout
    assert drifted.stdout.count("Write a migration file with the playbook draft") == 4
    assert drifted.stdout.count("TASK [") <= 4

    checked = run_playbook("stellarmap.cassandra.migrate", "-e", "migration_file=new.yml", "--check")
    assert checked.returncode == 0, checked.stdout
    assert "Plan: 3 columns to add, 0 to drop, 0 conflicts." in checked.stdout
    migrated = run_playbook("stellarmap.cassandra.migrate", "-e", "migration_file=new.yml")
    assert migrated.returncode == 0, migrated.stdout
    assert "    source = columns.Text()" in (tmp_path / "shop" / "models.py").read_text()

    nothing = run_playbook("stellarmap.cassandra.draft", *draft, "-e", "draft_file=other.yml")
    assert nothing.returncode == 0, nothing.stdout
    assert "Nothing is missing: the tables have what the models need. No file was written." in nothing.stdout
    assert not (tmp_path / "other.yml").exists()
    files = {**files, "migration_files": ["new.yml", "shop"]}
    same = run_playbook("stellarmap.cassandra.drift", "-e", json.dumps(files))
    assert same.returncode == 0, same.stdout
    # Nobody knows what models such a file has.
    (tmp_path / "shop" / "broken.py").write_text("class\n")
    unread = run_playbook("stellarmap.cassandra.drift", "-e", json.dumps(files))
    assert (unread.returncode, "shop/broken.py is no valid Python source" in unread.stdout) == (2, True), unread.stdout
    (tmp_path / "shop" / "broken.py").unlink()

    cql.execute(f"ALTER TABLE {keyspace}.thing DROP name")
    refused = run_playbook("stellarmap.cassandra.draft", *draft, "-e", "draft_file=new.yml")
    assert refused.returncode == 2
    assert "new.yml was not written: it exists and says something else" in " ".join(
        refused.stdout.split() + refused.stderr.split()
    )
    assert (tmp_path / "new.yml").read_text() == before
