# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The relatives of Cassandra, each as a front before a real node: what they lack forbids nothing and is named.

A front stands for what the documents and the source of a service say of it, and not for the service.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from emulators import Ddl, Front, Personality, Refusal, Table, front, host_id_at
from emulators.cassandra_3_11 import CASSANDRA_3_11
from emulators.keyspaces import ACCESS_KEY, KEYSPACES, LOGIN, REGION, SECRET_KEY, keyspaces
from emulators.personality import MISSING, SERVER_ERROR
from emulators.scylladb import SCYLLADB, SCYLLADB_WITH_TABLETS, VERSION

from .conftest import Result, RunningNode, run_module_here
from .ring import addresses_of

PLAIN = Personality("plain", protocols=(3, 4))
Ensure = Callable[..., Result]


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    cql.execute(f"CREATE TABLE {keyspace}.orders (id int, at timestamp, v text, PRIMARY KEY (id, at))", timeout=30)
    return "orders"


@pytest.fixture
def through(keyspace: str, table: str) -> Ensure:
    """Runs cassandra_column through a front."""

    def ensure(at: Front, *columns: dict[str, Any], check: bool = False, **changes: Any) -> Result:
        given = {"login_host": [f"{at.addresses[0]}:{at.port}"], "keyspace": keyspace, "table": table}
        return run_module_here("cassandra_column", {**given, "columns": list(columns), **changes}, check)

    return ensure


def warnings_of(result: Result) -> str:
    return str(result.get("warnings", ""))


def checks_of(result: Result) -> set[str]:
    assert all(one["check"] and one["reason"] for one in result["not_checked"])
    return {one["check"] for one in result["not_checked"]}


def columns_of(cql: Session, keyspace: str, name: str = "orders") -> dict[str, str]:
    query = "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = %s AND table_name = %s"
    return {row.column_name: row.type for row in cql.execute(query, (keyspace, name))}


ALL = [PLAIN, SCYLLADB, SCYLLADB_WITH_TABLETS, keyspaces(0.3, 0.1, 0.5)]


@pytest.mark.parametrize("personality", ALL, ids=lambda one: one.name)
def test_the_whole_way(
    node: RunningNode, cql: Session, keyspace: str, through: Ensure, personality: Personality
) -> None:
    wanted = (
        {"a": "int"},
        {"name": "b", "type": "map<text, frozen<list<int>>>"},
        {"name": "c", "type": "text", "static": True},
    )
    with front(node.address, personality) as at:
        for check, changed in ((True, True), (False, True), (False, False), (True, False)):
            result = through(at, *wanted, check=check)
            assert (result["failed"], result.get("changed")) == (False, changed), result.get("msg")
        assert columns_of(cql, keyspace).keys() == {"id", "at", "v", "a", "b", "c"}
        conflict = through(at, {"a": "text"}, {"d": "int"})
        assert (conflict["failure"], conflict["changed"]) == ("conflict", False)
        missing = through(at, {"a": "int"}, table="order")
        assert (missing["failure"], missing["available"]) == ("table_missing", ["orders"])
        info = run_module_here(
            "cassandra_schema_info",
            {"login_host": [f"{at.addresses[0]}:{at.port}"], "keyspace": keyspace, "table": "orders"},
        )
        assert [column["name"] for column in info["table"]["columns"]] == ["id", "at", "a", "b", "c", "v"]


def test_scylladb_tells_its_own_version_and_what_it_lacks(node: RunningNode, through: Ensure) -> None:
    with front(node.address, SCYLLADB) as at:
        result = through(at, {"a": "int"})
        assert result["cluster"]["release_versions"] == [VERSION]
        assert checks_of(result) == {
            "the guardrails of the cluster",
            "whether a column of the same name that was dropped before was static",
            "whether the changes of the table are captured (cdc)",
        }
        # The server decides about vectors, whatever version of Cassandra it says it stands for.
        assert through(at, {"e": "vector<float, 3>"})["failed"] is (node.major < (5, 0))


def test_scylladb_does_not_tell_whether_a_dropped_column_was_static(
    node: RunningNode, cql: Session, keyspace: str, through: Ensure
) -> None:
    cql.execute(f"ALTER TABLE {keyspace}.orders DROP v", timeout=30)
    with front(node.address, SCYLLADB) as at:
        result = through(at, {"v": "text"})
        assert result["changed"] is True
        assert "does not tell whether column v was static" in warnings_of(result)
        cql.execute(f"ALTER TABLE {keyspace}.orders DROP v", timeout=30)
        assert through(at, {"v": "int"})["failure"] == "refused"


def test_scylladb_without_transactions_says_so_at_once(
    node: RunningNode, cql: Session, keyspace: str, through: Ensure
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.stellarmap_schema_lock (name text PRIMARY KEY, owner text)", timeout=30)
    begin = time.monotonic()
    with front(node.address, SCYLLADB_WITH_TABLETS) as at:
        result = through(at, {"a": "int"}, lock_keyspace=keyspace)
    assert result["failure"] == "invalid_input"
    assert "The lock cannot work in keyspace" in result["msg"]
    assert "without tablets" in result["msg"]
    assert time.monotonic() - begin < 30
    with front(node.address, SCYLLADB) as at:
        assert through(at, {"a": "int"}, lock_keyspace=keyspace)["changed"] is True


@pytest.mark.parametrize(("down", "failure"), [(1, None), (2, "nodes_unreachable")])
def test_scylladb_with_nodes_down(node: RunningNode, through: Ensure, down: int, failure: str | None) -> None:
    """A minority that is down may be so; three addresses of one front stand for three nodes."""
    addresses = [f"{node.address.rpartition('.')[0]}.{number}" for number in (201, 202, 203)]
    with front(node.address, _ring(addresses), addresses, 9042) as at:
        for address in addresses[3 - down :]:
            at.stop(address)
        result = through(at, {"a": "int"}, connect_timeout=2)
        assert result.get("failure") == failure, result.get("msg")
        if failure is None:
            assert result["changed"] is True
            assert addresses_of(result["verified_by"]) == addresses[:2]
            assert "these are a minority" in warnings_of(result)
        forced = through(at, {"b": "int"}, connect_timeout=2, allow_unreachable_nodes=True)
        assert forced["changed"] is True


def test_scylladb_in_the_middle_of_an_upgrade(node: RunningNode, through: Ensure) -> None:
    prefix = node.address.rpartition(".")[0]
    old, new = f"{prefix}.211", f"{prefix}.212"
    earlier = SCYLLADB.having(
        system__versions=replace(SCYLLADB.tables["system.versions"], instead={"version": "(text)'2024.2.0'"}),
        system__local=Table(instead={**SCYLLADB.tables["system.local"].instead, "host_id": "(uuid){host_id}"}),
    )
    peers = replace(_ring([old, new]), name="new")
    with front(node.address, peers, [new], 9042) as at, front(node.address, earlier, [old], 9042):
        result = through(at, {"a": "int"})
        assert (result["failure"], result["changed"]) == ("mixed_versions", False)
        assert f"{old} 2024.2.0" in result["msg"]
        assert f"{new} {VERSION}" in result["msg"]


def _ring(addresses: list[str]) -> Personality:
    """ScyllaDB with these nodes; each shows the others as its peers, and itself as one of them, which it does not mind."""
    rows = tuple(
        {
            "peer": address,
            "data_center": "datacenter1",
            "host_id": host_id_at(address),
            "rack": "rack1",
            "release_version": "3.0.8",
            "rpc_address": address,
            "schema_version": None,
        }
        for address in (addresses[1:] if len(addresses) > 2 else addresses[:1])
    )
    definition = (
        "peer inet PRIMARY KEY, data_center text, host_id uuid, rack text, release_version text, rpc_address inet, "
        "schema_version uuid, tokens set<text>"
    )
    version = Table(
        instead={
            **SCYLLADB.tables["system.local"].instead,
            "schema_version": f"(uuid){_AGREED}",
            "host_id": "(uuid){host_id}",
        }
    )
    rows = tuple({**row, "schema_version": _AGREED} for row in rows)
    return SCYLLADB.having(system__local=version, system__peers=Table(definition=definition, rows=rows))


_AGREED = "59adb24e-f3cd-3e02-97f0-5b395827453f"


# Short delays: when the columns show, when the status begins to say UPDATING, and when it says ACTIVE again.
@pytest.mark.parametrize(
    ("shown", "updating", "active"),
    [(0, 0, 0), (1.5, 0, 1.5), (1.5, 0, 0.5), (0.3, 0, 2), (1.5, 0.7, 2), (2, 9, 0), (0.7, 1.2, 1.8)],
)
def test_keyspaces_shows_a_change_late(
    node: RunningNode, through: Ensure, shown: float, updating: float, active: float
) -> None:
    with front(node.address, keyspaces(shown, updating, active)) as at:
        result = through(at, {"a": "int"}, {"b": "text"})
        assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
        again = through(at, {"a": "int"}, {"b": "text"})
        assert (again["failed"], again["changed"]) == (False, False), again.get("msg")


def test_keyspaces_shows_a_change_too_late(node: RunningNode, cql: Session, keyspace: str, through: Ensure) -> None:
    with front(node.address, keyspaces(4)) as at:
        result = through(at, {"a": "int"}, schema_agreement_timeout=1)
        assert (result["failure"], result["changed"]) == ("not_verified", True)
        assert "status UPDATING" in result["msg"]
        # A run that comes while the change is under way waits for it, and makes it no second time.
        begin = len(at.requests)
        again = through(at, {"a": "int"})
        assert (again["failed"], again["changed"]) == (False, False), again.get("msg")
        assert [column["status"] for column in again["tables"][0]["columns"]] == ["present"]
        assert not [text for text in at.requests[begin:] if text.startswith("ALTER")]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Concurrent DDL operations exceed the limit of 50.", 0x2200),
        ("Too many schema changes are in progress", 0x2200),
        ("Rate of schema changes exceeded, try again later", SERVER_ERROR),
    ],
)
def test_keyspaces_takes_only_so_many_changes_at_a_time(
    node: RunningNode, through: Ensure, words: str, code: int
) -> None:
    refusal = Refusal(r"^\s*ALTER", words, code, times=2)
    with front(node.address, replace(keyspaces(0.2), refusals=(*KEYSPACES.refusals, refusal))) as at:
        result = through(at, {"a": "int"})
        assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
    with front(node.address, replace(keyspaces(0.2), refusals=(replace(refusal, times=0),))) as at:
        result = through(at, {"b": "int"}, schema_agreement_timeout=3)
        assert result["changed"] is False
        assert words in result["msg"]
        if code != SERVER_ERROR:
            assert "only so many changes" in result["msg"]


def test_keyspaces_says_no_for_good(node: RunningNode, through: Ensure) -> None:
    refusal = Refusal(r"^\s*ALTER", "Type is unsupported.")
    with front(node.address, replace(keyspaces(0), refusals=(refusal,))) as at:
        begin = time.monotonic()
        result = through(at, {"a": "int"})
        assert (result["failure"], result["changed"]) == ("statement_failed", False)
        assert time.monotonic() - begin < 20
        assert sum(text.startswith("ALTER") for text in at.requests) == 1


def test_a_service_that_shows_changes_late_and_tells_nothing_of_it(node: RunningNode, through: Ensure) -> None:
    with front(node.address, replace(PLAIN, ddl=Ddl(shown=1.5))) as at:
        result = through(at, {"a": "int"})
        assert (result["failed"], result["changed"]) == (False, True), result.get("msg")


@pytest.fixture
def encrypted(node: RunningNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """The endpoint of Amazon Keyspaces: TLS with a certificate for its name, and a login."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    with front(node.address, keyspaces(0.2, login=True), tls=(tmp_path / "tls", ["localhost"])) as at:
        yield at


def _login(at: Front, **more: Any) -> dict[str, Any]:
    return {"login_host": [f"localhost:{at.port}"], "ssl_ca_certs": at.ca_certs, **more}


def test_keyspaces_with_aws_credentials(encrypted: Front, through: Ensure) -> None:
    signed = _login(encrypted, login_sigv4=True, login_region=REGION)
    result = through(encrypted, {"a": "int"}, **signed)
    assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
    assert SECRET_KEY not in str(result)
    elsewhere = through(encrypted, {"a": "int"}, **{**signed, "login_region": "us-east-1"})
    assert (elsewhere["failure"], "login_region" in elsewhere["msg"]) == ("not_authenticated", True)
    nowhere = through(encrypted, {"a": "int"}, **_login(encrypted, login_sigv4=True))
    assert (nowhere["failure"], "login_region or AWS_REGION" in nowhere["msg"]) == ("invalid_input", True)


def test_keyspaces_with_wrong_credentials_or_none(
    encrypted: Front, through: Ensure, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = _login(encrypted, login_sigv4=True, login_region=REGION)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "n0t-the-secret-of-this-key")
    wrong = through(encrypted, {"a": "int"}, **signed)
    assert wrong["failure"] == "not_authenticated"
    assert "n0t-the-secret" not in str(wrong)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    none = through(encrypted, {"a": "int"}, **signed)
    assert (none["failure"], "needs AWS credentials" in none["msg"]) == ("not_authenticated", True)


def test_keyspaces_with_a_password(encrypted: Front, through: Ensure) -> None:
    result = through(encrypted, {"a": "int"}, **_login(encrypted, login_user=LOGIN.user, login_password=LOGIN.password))
    assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
    assert "whether the role may ALTER the table" in checks_of(result)
    wrong = through(encrypted, {"b": "int"}, **_login(encrypted, login_user=LOGIN.user, login_password="wr0ng"))
    assert wrong["failure"] == "not_authenticated"


def test_cassandra_3_11_is_below_the_floor(node: RunningNode, cql: Session, keyspace: str, through: Ensure) -> None:
    with front(node.address, CASSANDRA_3_11) as at:
        for check in (True, False):
            result = through(at, {"a": "int"}, check=check)
            assert (result["failure"], result["changed"]) == ("refused", False)
            assert "Cassandra 3.11.19 is too old" in result["msg"]
            assert "4.0 and later" in result["msg"]
    assert "a" not in columns_of(cql, keyspace)


def _without(table: str, *columns: str) -> Personality:
    taken = Table(without=frozenset(columns)) if columns else MISSING
    return replace(PLAIN, name=f"{table} {' '.join(columns)}".strip(), tables={table: taken})


TAKEN = [
    (_without("system.peers_v2"), set()),
    (_without("system_schema.dropped_columns"), {"whether a column of the same name was dropped before"}),
    (
        _without("system_schema.dropped_columns", "kind"),
        {"whether a column of the same name that was dropped before was static"},
    ),
    (
        _without("system_schema.dropped_columns", "kind", "type", "dropped_time"),
        {
            "the type of a column of the same name that was dropped before",
            "when a column of the same name was dropped",
            "whether a column of the same name that was dropped before was static",
        },
    ),
    (_without("system_schema.views"), {"materialized views of the table"}),
    (_without("system_schema.views", "include_all_columns"), {"whether materialized views get new columns too"}),
    (_without("system_schema.types"), {"whether the user-defined types exist"}),
    (_without("system_schema.types", "field_types"), {"whether the user-defined types have collections inside"}),
    (_without("system_schema.tables", "flags"), {"whether the table uses COMPACT STORAGE"}),
    (_without("system_schema.tables", "cdc"), {"whether the changes of the table are captured (cdc)"}),
    (
        _without("system_schema.tables", "id"),
        {"whether the table was dropped and made again since a plan was approved"},
    ),
    (_without("system_schema.columns", "clustering_order", "position"), set()),
    (_without("system_views.*"), {"the guardrails of the cluster"}),
]


@pytest.mark.parametrize(("personality", "checks"), TAKEN, ids=[one.name for one, _checks in TAKEN])
@pytest.mark.parametrize("words", ["no such thing", "Nicht gefunden."], ids=["words", "other words"])
def test_one_thing_is_missing(
    node: RunningNode,
    cql: Session,
    keyspace: str,
    through: Ensure,
    personality: Personality,
    checks: set[str],
    words: str,
) -> None:
    cql.execute(f"CREATE TYPE {keyspace}.address (street text)", timeout=30)
    told = replace(personality, words_table=words, words_column=words)
    with front(node.address, told) as at:
        for check in (True, False):
            result = through(at, {"a": "frozen<address>"}, {"b": "text"}, check=check)
            assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
            assert checks_of(result) == checks
        assert through(at, {"a": "frozen<address>"})["changed"] is False
    assert {"a", "b"} <= columns_of(cql, keyspace).keys()


@pytest.mark.parametrize("personality", [one for one, _checks in TAKEN[1:5]], ids=lambda one: one.name)
def test_a_plan_is_approved_where_something_is_missing(
    node: RunningNode, through: Ensure, personality: Personality
) -> None:
    """Whether the server shows less when the plan is made, or when it is applied, its fingerprint holds."""
    for made, applied, column in (
        (personality, PLAIN, "a"),
        (PLAIN, personality, "b"),
        (personality, personality, "c"),
    ):
        with front(node.address, made) as at:
            plan = through(at, {column: "int"}, check=True)["plan"]
        with front(node.address, applied) as at:
            result = through(at, {column: "int"}, approved_plan=plan)
            assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
            assert result["fingerprint"] == plan["fingerprint"]


def test_a_drop_names_what_nobody_could_check(node: RunningNode, cql: Session, keyspace: str, through: Ensure) -> None:
    personality = replace(PLAIN, tables={"system_schema.views": MISSING, "system_schema.indexes": MISSING})
    with front(node.address, personality) as at:
        result = through(at, {"name": "v"}, state="absent", allow_data_loss=True)
        assert (result["failed"], result["changed"]) == (False, True), result.get("msg")
        assert "does not show the materialized views and indexes" in warnings_of(result)
        assert checks_of(result) == {"materialized views of the table", "the indexes of the table"}


def test_scylladb_changes_the_log_of_a_table_itself(
    node: RunningNode, cql: Session, keyspace: str, through: Ensure
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.orders_scylla_cdc_log (id int PRIMARY KEY, v int)", timeout=30)
    dropping = {"state": "absent", "allow_data_loss": True}
    with front(node.address, SCYLLADB) as at:
        for check in (True, False):
            for result in (
                through(at, {"a": "int"}, check=check, table="orders_scylla_cdc_log"),
                through(at, {"name": "v"}, check=check, table="orders_scylla_cdc_log", **dropping),
            ):
                assert (result["failure"], result["changed"]) == ("refused", False)
                assert f"logs in it the changes of {keyspace}.orders (CDC)" in result["msg"]
    with front(node.address, PLAIN) as at:
        assert through(at, {"a": "int"}, table="orders_scylla_cdc_log")["changed"] is True


def test_only_amazon_keyspaces_knows_whether_it_drops(
    node: RunningNode, cql: Session, keyspace: str, through: Ensure
) -> None:
    with front(node.address, keyspaces(0.0, 0.0, 0.0)) as at:
        dry = through(at, {"name": "v"}, check=True, state="absent", allow_data_loss=True)
        assert "whether Amazon Keyspaces drops columns" in checks_of(dry)
        refused = through(at, {"name": "v"}, state="absent", allow_data_loss=True)
        assert (refused["failure"], "DROP column is not yet supported" in refused["msg"]) == ("statement_failed", True)


def test_a_class_of_java_is_checked_by_nobody(node: RunningNode, through: Ensure) -> None:
    with front(node.address, PLAIN) as at:
        result = through(at, {"a": "'org.apache.cassandra.db.marshal.LexicalUUIDType'"}, {"b": "int"}, check=True)
        assert checks_of(result) == {"whether each node has the Java classes of the types"}
        assert "LexicalUUIDType" in str(result["not_checked"])
        assert checks_of(through(at, {"b": "int"}, check=True)) == set()
