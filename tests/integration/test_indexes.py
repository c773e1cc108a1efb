# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An index with its column: made after the column in the same plan, waited for on each node, and dropped with what made it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cassandra import RequestValidationException, Unauthorized
from cassandra.cluster import NoHostAvailable, Session
from cassandra.protocol import ConfigurationException
from cassandra.query import BatchStatement, BatchType
from emulators import front
from emulators.keyspaces import KEYSPACES
from emulators.scylladb import SCYLLADB
from fault_proxy import Fault, fault_proxy
from module_run import ForkedModule
from on_node import session_on

from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import agreement
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.reverse import (
    requested_tables,
    reverse_plan,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema.planning.saved_plan import read_plan
from embedded_cassandra import cluster

from .conftest import RunModule, RunningNode, RunPlaybook, run_module_here

MODULE = "cassandra_column"
PLAYBOOK = "stellarmap.cassandra."
PASSWORD = "s3cret-Passw0rd"
PLAIN = "CREATE TABLE {k}.t (id int PRIMARY KEY, v int, w text)"
ROWS = 100_000


@pytest.fixture
def kind(node: RunningNode) -> str:
    """The kind of index that this version makes."""
    return "sai" if node.major >= (5, 0) else "legacy"


@pytest.fixture
def table(cql: Session, keyspace: str) -> str:
    """A keyspace with a table."""
    cql.execute(PLAIN.format(k=keyspace))
    return keyspace


def indexes(cql: Session, keyspace: str) -> dict[str, str]:
    """The indexes of a keyspace with their targets."""
    rows = cql.execute("SELECT index_name, options FROM system_schema.indexes WHERE keyspace_name = %s", (keyspace,))
    return {row.index_name: row.options["target"] for row in rows}


def columns(cql: Session, keyspace: str) -> set[str]:
    query = "SELECT column_name FROM system_schema.columns WHERE keyspace_name = %s AND table_name = 't'"
    return {row.column_name for row in cql.execute(query, (keyspace,))}


def statuses(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The status of each column and of its index."""
    listed = [column for table in result["tables"] for column in table["columns"]]
    return [(column["status"], column.get("index", {}).get("status", "")) for column in listed]


def words_of(warnings: list[Any]) -> str:
    return json.dumps(warnings)


@pytest.mark.promise
def test_predicted_made_and_ok(cql: Session, table: str, run_module: RunModule, kind: str) -> None:
    """A column that is new, one that is there, a map and a frozen list; then nothing is left to do."""
    task = {
        "keyspace": table,
        "table": "t",
        "columns": [
            {"name": "note", "type": "text", "index": True if kind == "sai" else {"kind": kind}},
            {"name": "v", "type": "int", "index": {"name": "by_v", "kind": kind}},
            {"name": '"Sizes"', "type": "map<text, int>", "index": {"kind": kind, "name": "sizes"}},
            {"name": "tags", "type": "frozen<list<int>>", "index": {"kind": kind}},
            {"w": "text"},
        ],
    }
    planned = run_module(MODULE, task, check=True)
    made = [
        ("would_add", "would_create"),
        ("present", "would_create"),
        ("would_add", "would_create"),
        ("would_add", "would_create"),
    ]
    assert statuses(planned) == [*made, ("present", "")], planned
    alter, *creations = planned["statements"]
    assert alter == f'ALTER TABLE {table}.t ADD (note text, "Sizes" map<text, int>, tags frozen<list<int>>)'
    using = " USING 'StorageAttachedIndex'" if kind == "sai" else ""
    custom = "CUSTOM " if kind == "sai" else ""
    assert creations[:2] == [
        f"CREATE {custom}INDEX t_note_idx ON {table}.t (note){using}",
        f"CREATE {custom}INDEX by_v ON {table}.t (v){using}",
    ]
    assert planned["diff"][0]["after"].endswith(f"CREATE {custom}INDEX t_tags_idx ON {table}.t (full(tags)){using};\n")
    assert indexes(cql, table) == {}
    done = run_module(MODULE, task)
    assert (done["failed"], done["statements"]) == (False, planned["statements"]), done["msg"]
    assert statuses(done)[:2] == [("added", "created"), ("present", "created")]
    found = {"t_note_idx": "note", "by_v": "v", "sizes": 'values("Sizes")', "t_tags_idx": "full(tags)"}
    assert indexes(cql, table) == found
    # The server says that it can be queried, and so it is.
    cql.execute(f"SELECT id FROM {table}.t WHERE note = 'x'")
    for check in (False, True):
        again = run_module(MODULE, task, check)
        assert (again["changed"], again["statements"]) == (False, []), again
        assert statuses(again)[0] == ("present", "present")


def test_an_index_is_what_it_holds_and_its_kind(cql: Session, table: str, run_module: RunModule, kind: str) -> None:
    """One of another name is as good; another kind, another target of that name and other options are conflicts."""
    custom, using = ("CUSTOM", "USING 'StorageAttachedIndex'") if kind == "sai" else ("", "")
    cql.execute(f"CREATE {custom} INDEX theirs ON {table}.t (v) {using}")

    def asked(column: str, cql_type: str, index: dict[str, Any]) -> dict[str, Any]:
        task = {"keyspace": table, "table": "t", "columns": [{"name": column, "type": cql_type, "index": index}]}
        return run_module(MODULE, task)

    same = asked("v", "int", {"kind": kind})
    assert (same["changed"], same["tables"][0]["columns"][0]["index"]["name"]) == (False, "theirs")
    other_kind = asked("v", "int", {"kind": "legacy" if kind == "sai" else "sai"})
    assert f"the index theirs is {kind} on v, wanted is" in other_kind["msg"]
    other_target = asked("w", "text", {"kind": kind, "name": "theirs"})
    assert "give the index another name" in other_target["msg"]
    results = [other_kind, other_target]
    if kind == "sai":
        options = {"case_sensitive": False}
        cql.execute(f"CREATE CUSTOM INDEX words ON {table}.t (w) {using} WITH OPTIONS = {{'case_sensitive': 'true'}}")
        results.append(asked("w", "text", {"options": options}))
        assert "wanted is sai on w with case_sensitive: false" in results[-1]["msg"]
    for result in results:
        assert (result["failure"], statuses(result)) == ("conflict", [("present", "conflict")]), result
        assert result["msg"].endswith("Nothing was executed.")
        index = result["tables"][0]["columns"][0]["index"]
        assert any(index["found"][key] != index[key] for key in index["found"])


@pytest.mark.proxied
@pytest.mark.promise
@pytest.mark.parametrize("fault", Fault, ids=[fault.name.lower() for fault in Fault])
def test_the_truth_about_an_index_whose_answer_is_lost(
    node: RunningNode, cql: Session, table: str, kind: str, fault: Fault
) -> None:
    task = {"keyspace": table, "table": "t", "columns": [{"name": "a", "type": "int", "index": {"kind": kind}}]}
    with fault_proxy((node.address, node.port), fault, b"INDEX t_a_idx") as proxy:
        result = run_module_here(
            MODULE, {"login_host": [f"{proxy.address}:{proxy.port}"], "request_timeout": 2, **task}
        )
    assert proxy.struck == 1
    assert (result["failed"], result["changed"], statuses(result)) == (False, True, [("added", "created")]), result
    assert indexes(cql, table) == {"t_a_idx": "a"}


@pytest.mark.parametrize("fault", [Fault.CUT_REQUEST, Fault.CUT_ANSWER], ids=lambda fault: fault.name.lower())
def test_a_run_that_ends_between_column_and_index_says_what_is_there(
    node: RunningNode, cql: Session, table: str, kind: str, fault: Fault
) -> None:
    params = {"keyspace": table, "table": "t", "connect_timeout": 1}
    params["columns"] = [{"name": "a", "type": "int", "index": {"kind": kind}}]
    with fault_proxy((node.address, node.port), fault, b"INDEX t_a_idx", last=True) as proxy:
        result = run_module_here(
            MODULE, {"login_host": [f"{proxy.address}:{proxy.port}"], "request_timeout": 2, **params}
        )
    assert (result["failure"], result["changed"], statuses(result)) == ("outcome_unknown", True, [("added", "unknown")])
    assert f"ALTER TABLE {table}.t ADD (a int) was executed." in result["msg"]
    assert "INDEX t_a_idx" in result["msg"]
    again = run_module_here(MODULE, {"login_host": [node.address], **params})
    assert (again["failed"], again["changed"]) == (False, fault is Fault.CUT_REQUEST)
    assert indexes(cql, table) == {"t_a_idx": "a"}


@dataclass(frozen=True)
class Case:
    """A column that is to have an index, what else there is, and the words of the refusal; no words: the server makes it."""

    cql_type: str
    words: str = ""
    setup: tuple[str, ...] = (PLAIN,)
    options: tuple[tuple[str, str], ...] = ()
    name: str = "new"
    static: bool = False
    since: tuple[int, int] = (4, 0)


ADDR = "CREATE TYPE {k}.addr (a int, b text)"
CLUSTERED = "CREATE TABLE {k}.t (id int, c int, v int, s int static, PRIMARY KEY (id, c))"
BASE = "CREATE TABLE {k}.t (id int, c int, v int, PRIMARY KEY (id, c))"
VIEW = (
    "CREATE MATERIALIZED VIEW {k}.x AS SELECT * FROM {k}.t WHERE id IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, id)"
)
VIEWED = (BASE, VIEW)
TAKEN = ("CREATE TABLE {k}.u (id int PRIMARY KEY, v int)", "CREATE INDEX t_new_idx ON {k}.u (v)")
EUCLID = (("similarity_function", "euclidean"),)
FIVE = (5, 0)
# By kind: what a storage-attached index does not hold, and what none does.
CASES = {
    "sai": {
        "blob": Case("blob", "holds no blob"),
        "list of blobs": Case("list<blob>", "holds no blob"),
        "map to blobs": Case("map<text, blob>", "holds no blob"),
        "map of blobs": Case("map<blob, text>"),
        "frozen list of blobs": Case("frozen<list<blob>>"),
        "tuple with a blob": Case("tuple<blob, int>"),
        "name with a space": Case("int", "whose name has more than letters", name='"new column"'),
        "name in capitals": Case("int", name='"New"'),
        "long name": Case("int", name="n" * 48),
        "longer name": Case("int", "more than 48 of them", name="n" * 49),
        "vector": Case("vector<float, 3>"),
        "vector of int": Case("vector<int, 3>", "vectors of float only"),
        "vector of one": Case("vector<float, 1>", "no cosine similarity"),
        "vector of one without cosine": Case("vector<float, 1>", options=EUCLID),
        "option of a text": Case("list<text>", options=(("case_sensitive", "FALSE"), ("ascii", "true"))),
        "option that nobody knows": Case(
            "text", "did you mean 'case_sensitive'?", options=(("case_sensitiv", "true"),)
        ),
        "option of the server itself": Case("text", "has no option 'target'", options=(("target", "id"),)),
        "no truth value": Case("text", "normalize is true or false, got 'maybe'", options=(("normalize", "maybe"),)),
        "option of a text, on a number": Case("int", "is for texts only", options=(("ascii", "true"),)),
        "option of a text, on a whole": Case("frozen<list<text>>", "is for texts only", options=(("ascii", "true"),)),
        "option of a vector, on a text": Case("text", "is for vectors only", options=EUCLID),
        "options of a vector": Case("vector<float, 3>", options=(*EUCLID, ("optimize_for", "RECALL"))),
        "no such function": Case("vector<float, 3>", "got 'cosin'", options=(("similarity_function", "cosin"),)),
    },
    "legacy": {"name with a space": Case("int", name='"new column"')},
    "": {
        "text": Case("text"),
        "set": Case("set<uuid>"),
        "frozen map": Case("frozen<map<text, int>>"),
        "static": Case("text", setup=(CLUSTERED,), static=True),
        "base of a view": Case("text", setup=VIEWED),
        "duration": Case("duration", "durations have no order"),
        "list of durations": Case("list<duration>", "durations have no order"),
        "user type": Case("addr", "must be frozen", setup=(PLAIN, ADDR)),
        "frozen user type": Case("frozen<addr>", setup=(PLAIN, ADDR)),
        "list of user types": Case("list<frozen<addr>>", setup=(PLAIN, ADDR)),
        "name taken": Case("int", "table u of this keyspace has an index t_new_idx already", setup=(PLAIN, *TAKEN)),
        "name taken in capitals": Case("int", setup=(PLAIN, *TAKEN), name='"New"'),
        "counters": Case("counter", "counter table", setup=("CREATE TABLE {k}.t (id int PRIMARY KEY, n counter)",)),
    },
}


@pytest.mark.promise
@pytest.mark.parametrize(
    ("only", "case"),
    [(kind, case) for kind, cases in CASES.items() for case in cases.values()],
    ids=[name for cases in CASES.values() for name in cases],
)
def test_the_prediction_is_the_servers_answer(
    node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, only: str, case: Case
) -> None:
    for kind in ("sai", "legacy") if node.major >= FIVE else ("legacy",):
        if only not in ("", kind):
            continue
        for statement in (
            "DROP TABLE IF EXISTS {k}.u",
            "DROP MATERIALIZED VIEW IF EXISTS {k}.x",
            "DROP TABLE IF EXISTS {k}.t",
        ):
            cql.execute(statement.format(k=keyspace), timeout=30)
        cql.execute(f"DROP TYPE IF EXISTS {keyspace}.addr")
        for statement in case.setup:
            cql.execute(statement.format(k=keyspace), timeout=30)
        index = {"kind": kind, "options": dict(case.options)}
        column = {"name": case.name, "type": case.cql_type, "static": case.static, "index": index}
        task = {"keyspace": keyspace, "table": "t", "columns": [column]}
        predicted = run_module(MODULE, task, check=True)
        assert (predicted["failed"], case.words in predicted.get("msg", "")) == (bool(case.words), True), predicted
        if not case.words:
            done = run_module(MODULE, task)
            assert (done["failed"], statuses(done)) == (False, [("added", "created")]), done
            assert run_module(MODULE, task)["changed"] is False
            continue
        assert predicted["failure"] == "refused"
        assert run_module(MODULE, task)["msg"].endswith("Nothing was executed.")
        name, static = case.name, " static" * case.static
        cql.execute(f"ALTER TABLE {keyspace}.t ADD {name} {case.cql_type}{static}")
        creation = (
            f"INDEX t_new_idx ON {keyspace}.t ({f'full({name})' if case.cql_type.startswith('frozen<list') else name})"
        )
        options = f" WITH OPTIONS = {dict(case.options)}" if case.options else ""
        with pytest.raises((RequestValidationException, ConfigurationException, NoHostAvailable)):
            cql.execute(
                f"CREATE CUSTOM {creation} USING 'StorageAttachedIndex'{options}"
                if kind == "sai"
                else f"CREATE {creation}"
            )


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (VIEWED, "is a materialized view"),
        ((CLUSTERED,), "column id is the only one of the partition key"),
    ],
)
def test_what_is_no_column_for_an_index(
    cql: Session, keyspace: str, run_module: RunModule, kind: str, setup: tuple[str, ...], words: str
) -> None:
    for statement in setup:
        cql.execute(statement.format(k=keyspace), timeout=30)
    name = {"is": "v", "co": words.split()[1]}[words[:2]]
    columns = [{"name": name, "type": "int", "index": {"kind": kind}}]
    task = {"keyspace": keyspace, "table": "x" if name == "v" else "t", "columns": columns}
    for check in (True, False):
        refused = run_module(MODULE, task, check)
        assert (refused["failed"], words in refused["msg"]) == (True, True), refused


@pytest.mark.parametrize("name", ["c", "b"], ids=["clustering", "partition key"])
def test_an_index_on_a_column_of_the_key_is_made_dropped_and_comes_back(
    cql: Session, keyspace: str, run_module: RunModule, kind: str, name: str
) -> None:
    cql.execute(f"CREATE TABLE {keyspace}.t (a int, b int, c int, v int, PRIMARY KEY ((a, b), c))")
    column = {"name": name, "type": "int", "index": {"kind": kind}}
    task = {"keyspace": keyspace, "table": "t", "columns": [column]}
    made = run_module(MODULE, task)
    assert (statuses(made), made["diff"][0]["after"].count("INDEX")) == ([("present", "created")], 1), made
    assert made["tables"][0]["columns"][0]["kind"] == {"c": "clustering", "b": "partition_key"}[name]
    assert run_module(MODULE, task)["changed"] is False
    drop = {**task, "state": "absent", "columns": [{"name": name, "index": {"kind": kind, "only": True}}]}
    plan = json.loads(json.dumps(run_module(MODULE, drop, check=True)["plan"]))
    assert statuses(run_module(MODULE, {**drop, "approved_plan": plan})) == [("present", "dropped")]
    back = reverse_plan(read_plan(plan))
    again = run_module(MODULE, {"tables": requested_tables(back), "approved_plan": back})
    assert (statuses(again), indexes(cql, keyspace)) == ([("present", "created")], {f"t_{name}_idx": name}), again


def test_a_server_without_such_an_index_says_how_to_ask_for_another(
    node: RunningNode, table: str, run_module: RunModule
) -> None:
    task = {"keyspace": table, "table": "t", "columns": [{"name": "a", "type": "int", "index": True}]}
    result = run_module(MODULE, task, check=True)
    if node.major >= FIVE:
        assert statuses(result) == [("would_add", "would_create")]
        return
    assert result["failure"] == "refused"
    assert f"Cassandra {node.version} has none (5.0 and later)" in result["msg"]
    assert "(index: {kind: legacy})" in result["msg"]


@pytest.mark.parametrize("personality", [SCYLLADB, KEYSPACES], ids=["ScyllaDB", "Amazon Keyspaces"])
@pytest.mark.parametrize("kind", ["sai", "legacy"])
def test_a_compatible_database_refuses_by_name(node: RunningNode, table: str, personality: Any, kind: str) -> None:
    columns = [{"name": "a", "type": "int", "index": {"kind": kind}}]
    with front(node.address, personality) as at:
        task = {"login_host": [f"{at.addresses[0]}:{at.port}"], "keyspace": table, "table": "t", "columns": columns}
        result = run_module_here(MODULE, task)
    assert (result["failure"], "this collection makes none" in result["msg"]) == ("refused", True), result
    assert result["msg"].endswith("Nothing was executed.")


def fill(cql: Session, keyspace: str, rows: int = ROWS) -> None:
    """So many rows that an index takes seconds to build."""
    cql.execute(f"CREATE TABLE {keyspace}.t (p int, c int, v text, PRIMARY KEY (p, c))")
    insert = cql.prepare(f"INSERT INTO {keyspace}.t (p, c, v) VALUES (?, ?, ?)")
    futures = []
    for partition in range(rows // 500):
        batch = BatchStatement(BatchType.UNLOGGED)
        for row in range(500):
            batch.add(insert, (partition, row, f"value {partition} {row} and more"))
        futures.append(cql.execute_async(batch, timeout=60))
        if len(futures) > 8:
            futures.pop(0).result()
    for future in futures:
        future.result()


def test_a_run_that_is_killed_while_the_index_is_built(
    node: RunningNode, cql: Session, keyspace: str, run_module: RunModule, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one finds the index, waits for the rest, and says meanwhile how far the server is."""
    fill(cql, keyspace)
    task = {"keyspace": keyspace, "table": "t", "columns": [{"name": "v", "type": "text", "index": {"kind": kind}}]}
    run = ForkedModule({"login_host": [node.address], **task})
    run.begin()
    deadline = time.monotonic() + 60
    while not indexes(cql, keyspace):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.kill()
    assert run.result() is None
    seen = run_module(MODULE, task, check=True)
    assert (seen["changed"], statuses(seen)) == (False, [("present", "building")]), seen
    late = run_module(MODULE, {**task, "index_build_timeout": 0})
    assert (late["failure"], late["changed"]) == ("not_verified", False), late
    assert f"these nodes have not built these indexes: {keyspace}.t_v_idx on {node.address}" in late["msg"]
    assert "it waits for the rest" in late["msg"]
    assert late["msg"].endswith("Nothing was executed.")
    monkeypatch.setattr(agreement, "_EVERY", 0.3)
    done = run_module(MODULE, task)
    assert (done["failed"], done["changed"], statuses(done)) == (False, False, [("present", "present")]), done
    told = words_of(done["warnings"])
    assert f"still waiting for nodes to build indexes: {keyspace}.t_v_idx on {node.address}" in told
    cql.execute(f"SELECT c FROM {keyspace}.t WHERE v = 'value 1 1 and more'", timeout=30)


@pytest.mark.xdist_group("ring_of_two")
def test_each_node_is_asked_whether_it_has_built_the_index(request: pytest.FixtureRequest) -> None:
    """The failure names all that build; one that is away is named too, and ignored only if that is allowed."""
    version = request.config.getoption("--cassandra").split(",")[0]
    with cluster(version=version, nodes=2) as ring, session_on(ring.addresses[0]) as session:
        session.execute(
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}", timeout=60
        )
        fill(session, "shop", ROWS // 2)
        index = {"kind": "sai" if version >= "5" else "legacy"}
        columns = [{"name": "v", "type": "text", "index": index}]
        task = {"login_host": [ring.addresses[0]], "keyspace": "shop", "table": "t", "columns": columns}
        late = run_module_here(MODULE, {**task, "index_build_timeout": 0})
        assert (late["failure"], late["changed"], statuses(late)) == ("not_verified", True, [("present", "building")])
        assert f"shop.t_v_idx on {', '.join(ring.addresses)}" in late["msg"]
        assert f"ON shop.t (v){' USING ' * (version >= '5')}" in late["msg"]
        done = run_module_here(MODULE, task)
        assert (done["failed"], done["changed"]) == (False, False), done
        for address in ring.addresses:
            with session_on(address) as own:
                built = own.execute("SELECT index_name FROM system.\"IndexInfo\" WHERE table_name = 'shop'")
                assert [row.index_name for row in built] == ["t_v_idx"]
        ring.nodes[1].kill()
        away = run_module_here(MODULE, {**task, "connect_timeout": 3, "request_timeout": 3})
        assert (away["failure"], ring.addresses[1] in away["msg"]) == ("nodes_unreachable", True), away
        options = {"allow_unreachable_nodes": True, "connect_timeout": 3, "request_timeout": 3}
        allowed = run_module_here(MODULE, {**task, **options})
        assert (allowed["failed"], allowed["changed"]) == (False, False), allowed
        nodes = [node["address"] for one in allowed["not_checked"] for node in one["nodes"]]
        assert nodes == [ring.addresses[1]]


@pytest.mark.promise
def test_an_approved_plan_holds_the_indexes_and_its_reverse_drops_no_other(
    cql: Session, table: str, run_module: RunModule, kind: str
) -> None:
    """A run that stopped after the first statement goes on with the same approval; the rollback drops what the plan made."""
    cql.execute(f"CREATE INDEX theirs ON {table}.t (w)")
    task = {
        "keyspace": table,
        "table": "t",
        "columns": [
            {"name": "a", "type": "int", "index": {"kind": kind}},
            {"name": "v", "type": "int", "index": {"kind": kind}},
            {"name": "w", "type": "text", "index": {"kind": "legacy"}},
        ],
    }
    plan = json.loads(json.dumps(run_module(MODULE, task, check=True)["plan"]))
    statements = [change["cql"] for change in plan["tables"][0]["changes"]]
    assert len(statements) == 3
    other = {**task, "columns": [{"name": "a", "type": "int", "index": {"kind": kind, "name": "other"}}]}
    assert run_module(MODULE, {**other, "approved_plan": plan})["failure"] == "plan_changed"
    cql.execute(statements[0])
    cql.execute(statements[1])
    done = run_module(MODULE, {**task, "approved_plan": plan})
    assert (done["failed"], done["statements"]) == (False, statements[2:]), done
    assert run_module(MODULE, {**task, "approved_plan": plan})["changed"] is False
    assert indexes(cql, table) == {"theirs": "w", "t_a_idx": "a", "t_v_idx": "v"}
    back = reverse_plan(read_plan(plan))
    asked = {"tables": requested_tables(back), "approved_plan": back}
    refused = run_module(MODULE, asked)
    assert refused["failure"] == "data_loss"
    undone = run_module(MODULE, {**asked, "allow_data_loss": True})
    assert undone["statements"] == [
        f"DROP INDEX {table}.t_a_idx",
        f"DROP INDEX {table}.t_v_idx",
        f"ALTER TABLE {table}.t DROP (a)",
    ], undone
    assert (indexes(cql, table), columns(cql, table)) == ({"theirs": "w"}, {"id", "v", "w"})
    assert run_module(MODULE, {**asked, "allow_data_loss": True})["changed"] is False


def test_an_approved_plan_does_not_hold_once_there_is_another_index(
    cql: Session, table: str, run_module: RunModule, kind: str
) -> None:
    task = {"keyspace": table, "table": "t", "columns": [{"name": "a", "type": "int", "index": {"kind": kind}}]}
    plan = run_module(MODULE, task, check=True)["plan"]
    cql.execute(f"CREATE INDEX theirs ON {table}.t (w)")
    refused = run_module(MODULE, {**task, "approved_plan": plan})
    assert (refused["failure"], "the indexes was none and is theirs = w" in refused["msg"]) == ("plan_changed", True)
    assert "a" not in columns(cql, table)


def test_a_column_with_an_index_is_dropped_only_with_it(
    cql: Session, table: str, run_module: RunModule, kind: str
) -> None:
    task = {"keyspace": table, "table": "t", "columns": [{"name": "v", "type": "int", "index": {"kind": kind}}]}
    assert run_module(MODULE, task)["changed"] is True
    gone = {**task, "state": "absent", "allow_data_loss": True}
    refused = run_module(MODULE, {**gone, "columns": [{"name": "v"}]})
    assert "column v has an index, drop t_v_idx first, or list the column with its index" in refused["msg"]
    other = run_module(MODULE, {**gone, "columns": [{"name": "w", "index": {"name": "t_v_idx", "kind": kind}}]})
    assert (other["failure"], "and not as listed, it may be another one" in other["msg"]) == ("conflict", True)
    only = {**task, "state": "absent", "columns": [{"name": "v", "index": {"kind": kind, "only": True}}]}
    plan = run_module(MODULE, only, check=True)["plan"]
    kept = run_module(MODULE, {**only, "approved_plan": plan})
    assert (kept["statements"], statuses(kept)) == ([f"DROP INDEX {table}.t_v_idx"], [("present", "dropped")]), kept
    assert run_module(MODULE, {**only, "approved_plan": plan})["changed"] is False
    back = reverse_plan(read_plan(plan))
    for is_changed in (True, False):
        restored = run_module(MODULE, {"tables": requested_tables(back), "approved_plan": back})
        assert (restored["failed"], restored["changed"]) == (False, is_changed), restored
    assert indexes(cql, table) == {"t_v_idx": "v"}
    done = run_module(MODULE, gone)
    assert done["statements"] == [f"DROP INDEX {table}.t_v_idx", f"ALTER TABLE {table}.t DROP (v)"], done
    assert (indexes(cql, table), columns(cql, table)) == ({}, {"id", "w"})
    assert run_module(MODULE, gone)["changed"] is False


@pytest.mark.xdist_group("guardrails")
def test_what_a_role_may_and_how_many_indexes_a_guardrail_allows() -> None:
    limits = {"secondary_indexes_per_table_fail_threshold": 2, "secondary_indexes_per_table_warn_threshold": 1}
    at_once = {"permissions_validity": "0ms", "roles_validity": "0ms"}
    with cluster(auth=True, settings={**limits, **at_once}) as it, session_on(it.addresses[0], auth=True) as session:
        for statement in (
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TABLE shop.t (id int PRIMARY KEY, a int, b int, c int)",
            f"CREATE ROLE plain WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            "GRANT SELECT ON system_views.settings TO plain",
        ):
            session.execute(statement, timeout=30)
        login = {"login_host": [it.addresses[0]], "login_user": "plain", "login_password": PASSWORD}
        task = {**login, "keyspace": "shop", "table": "t"}
        listed = [{"name": name, "type": "int", "index": True} for name in "abc"]
        words = "the guardrail secondary_indexes_per_table_fail_threshold allows 2 indexes, the table would have 3"
        for check in (True, False):
            refused = run_module_here(MODULE, {**task, "columns": listed}, check)
            assert (refused["failure"], words in refused["msg"]) == ("refused", True), refused
            assert "GRANT ALTER ON TABLE shop.t TO plain" in refused["msg"]
        session.execute("GRANT ALTER ON shop.t TO plain", timeout=30)
        done = run_module_here(MODULE, {**task, "columns": listed[:2]})
        assert (done["failed"], done["changed"]) == (False, True), done
        # The role does not see what the server says of the build.
        assert "GRANT SELECT ON KEYSPACE system_views TO plain" in words_of(done["warnings"])
        assert "whether each node has built the indexes" in [one["check"] for one in done["not_checked"]]
        for keyspace in ("system_views", "system"):
            session.execute(f"GRANT SELECT ON KEYSPACE {keyspace} TO plain", timeout=30)
        seen = run_module_here(MODULE, {**task, "columns": listed[:2]})
        assert "whether each node has built the indexes" not in [one["check"] for one in seen["not_checked"]]
        with (
            pytest.raises((RequestValidationException, Unauthorized)),
            session_on(it.addresses[0], True, role="plain", password=PASSWORD) as plain,
        ):
            plain.execute("CREATE CUSTOM INDEX third ON shop.t (c) USING 'StorageAttachedIndex'")


@pytest.mark.promise
def test_a_migration_file_with_an_index(
    cql: Session, table: str, run_playbook: RunPlaybook, tmp_path: Path, kind: str
) -> None:
    """Drift, plan, migrate, verify, again, rollback."""
    index = True if kind == "sai" else {"kind": kind}
    content = {"title": "source", "keyspace": table, "table": "t"}
    content["columns"] = [{"name": "source", "type": "text", "index": index}]
    (tmp_path / "m.yml").write_text(yaml.safe_dump(content))

    def play(name: str, *options: str, code: int = 0) -> str:
        done = run_playbook(f"{PLAYBOOK}{name}", "-e", "migration_file=m.yml", *options)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    drift = play("drift", code=2)
    assert f"The index t_source_idx is missing: the file lists {kind} on source." in drift
    plan = play("plan", "-e", "plan_file=plan.json")
    assert "Plan: 1 column and 1 index to add, 0 to drop, 0 conflicts." in plan
    page, file = (tmp_path / "plan.md").read_text(), (tmp_path / "plan.cql").read_text()
    creation = json.loads((tmp_path / "plan.json").read_text())["tables"][0]["changes"][1]["cql"]
    for text in (page, file):
        assert creation in text
        assert text.index(f"DROP INDEX {table}.t_source_idx;") < text.index(f"ALTER TABLE {table}.t DROP (source);")
    done = play("migrate", "-e", "approved_plan=plan.json")
    assert "Applied: 1 column and 1 index added, 0 dropped. Source is complete" in done
    assert "Source was complete already" in play("migrate", "-e", "approved_plan=plan.json")
    assert "Verified: 2 of 2 columns and indexes as listed." in play("verify")
    assert "Nothing differs" in play("drift")
    cql.execute(f"DROP INDEX {table}.t_source_idx")
    assert "? index t_source_idx" in play("verify", code=2)
    assert "1 index added" in play("migrate")
    play("rollback", "-e", "approved_plan=plan.json", "-e", f"rollback_confirm={table}.t")
    assert (indexes(cql, table), columns(cql, table)) == ({}, {"id", "v", "w"})
