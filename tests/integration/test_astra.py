# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Astra DB's way in, before a real node with passwords: bundle, token, metadata service, proxy; and all that can be wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embedded_cassandra import Cluster, cluster
from embedded_cassandra.astra import AstraFront, astra_front
from embedded_cassandra.ready import connect

from .conftest import REPOSITORY, Result, run_module_here, run_playbook_here

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("astra")

TOKEN = "AstraCS:not-a-real-t0ken"


@dataclass(frozen=True)
class Astra:
    """The front, the cluster behind it and the nodes as it names them."""

    front: AstraFront
    cluster: Cluster
    nodes: dict[str, str]
    address: str


@pytest.fixture(scope="module")
def astra(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Astra]:
    version = request.config.getoption("--cassandra").split(",")[0]
    with cluster(version, auth=True) as running:
        driver = connect(running.addresses[0], auth=True)
        session = driver.connect()
        for statement in (
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TABLE shop.orders (id int PRIMARY KEY)",
            f"CREATE ROLE \"token\" WITH LOGIN = true AND PASSWORD = '{TOKEN}'",
            'GRANT ALL ON KEYSPACE shop TO "token"',
        ):
            session.execute(statement)
        nodes = {str(session.execute("SELECT host_id FROM system.local").one().host_id): running.addresses[0]}
        driver.shutdown()
        address = f"{running.prefix}200"
        with astra_front(tmp_path_factory.mktemp("astra"), address, nodes) as front:
            yield Astra(front, running, nodes, address)


def ensure(bundle: Path, column: str = "note", check: bool = False, **changes: Any) -> Result:
    given = {
        "secure_connect_bundle": str(bundle),
        "login_token": TOKEN,
        "keyspace": "shop",
        "table": "orders",
        "columns": [{column: "text"}],
        **changes,
    }
    result = run_module_here("cassandra_column", given, check)
    assert TOKEN not in str(result)
    assert "PRIVATE KEY" not in str(result)
    return result


def test_the_whole_way(astra: Astra) -> None:
    assert ensure(astra.front.bundle, check=True)["changed"] is True
    assert ensure(astra.front.bundle)["changed"] is True
    assert ensure(astra.front.bundle)["changed"] is False
    assert {"metadata", *(f"sni {host_id}" for host_id in astra.nodes)} == set(astra.front.seen)


def test_nothing_is_left_behind_not_even_beside_the_bundle(astra: Astra, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    bundle = folder / "bundle.zip"
    bundle.write_bytes(astra.front.bundle.read_bytes())
    folder.chmod(0o555)
    ours = tmp_path / "tmp"
    ours.mkdir()
    assert ensure(bundle, check=True, column="left", _ansible_remote_tmp=str(ours))["changed"] is True
    assert [path.name for path in folder.iterdir()] == ["bundle.zip"]
    assert [path for path in tmp_path.rglob("*") if path.name in ("key", "cert", "config.json")] == []


@pytest.mark.parametrize("token", ["AstraCS:wrong-t0ken", "x"])
def test_a_wrong_token(astra: Astra, token: str) -> None:
    result = ensure(astra.front.bundle, login_token=token)
    assert result["failure"] == "not_authenticated"
    assert "make a new one in the Astra DB console" in result["msg"]


def test_no_token(astra: Astra) -> None:
    result = ensure(astra.front.bundle, login_token=None)
    assert result["failure"] == "not_authenticated"
    assert "The cluster requires a login: give login_token, or set ASTRA_DB_TOKEN." in result["msg"]


def test_a_paused_database(astra: Astra) -> None:
    astra.front.paused = True
    try:
        result = ensure(astra.front.bundle)
    finally:
        astra.front.paused = False
    assert result["failure"] == "not_reachable"
    assert "it answered 503, the database may be paused" in result["msg"]


def test_a_metadata_service_which_is_gone(astra: Astra, tmp_path: Path) -> None:
    with astra_front(tmp_path, f"{astra.cluster.prefix}201", astra.nodes) as gone:
        pass
    result = ensure(gone.bundle)
    assert (result["failure"], "connection refused" in result["msg"]) == ("not_reachable", True)


def test_an_expired_bundle(astra: Astra, tmp_path: Path) -> None:
    with astra_front(tmp_path, f"{astra.cluster.prefix}202", astra.nodes, expired=True) as front:
        result = ensure(front.bundle)
    assert (result["failure"], "may have expired: download a new bundle" in result["msg"]) == ("not_reachable", True), (
        result["msg"]
    )


def test_a_bundle_of_another_database(astra: Astra, tmp_path: Path) -> None:
    address = f"{astra.cluster.prefix}203"
    with astra_front(tmp_path / "one", address, astra.nodes) as other:
        pass
    with astra_front(tmp_path / "two", address, astra.nodes):
        result = ensure(other.bundle)
    assert (result["failure"], "not signed by a trusted authority" in result["msg"]) == ("not_reachable", True)


@pytest.mark.parametrize("missing", ["config.json", "ca.crt", "cert", "key"])
def test_an_incomplete_bundle(astra: Astra, tmp_path: Path, missing: str) -> None:
    with astra_front(tmp_path, f"{astra.cluster.prefix}204", astra.nodes, leave_out=[missing]) as front:
        result = ensure(front.bundle)
    assert (result["failure"], f"it has no {missing}" in result["msg"]) == ("invalid_input", True)


@pytest.mark.parametrize(
    ("content", "part"),
    [(None, "does not exist"), (b"no zip", "is not a usable zip file"), (b"", "is not a usable zip file")],
)
def test_no_bundle_at_all(tmp_path: Path, content: bytes | None, part: str) -> None:
    bundle = tmp_path / "bundle.zip"
    if content is not None:
        bundle.write_bytes(content)
    result = ensure(bundle)
    assert (result["failure"], part in result["msg"]) == ("invalid_input", True)


def test_a_bundle_whose_certificate_is_none(astra: Astra, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with zipfile.ZipFile(astra.front.bundle) as good, zipfile.ZipFile(bundle, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"none" if name == "cert" else good.read(name))
    assert ensure(bundle)["failure"] == "invalid_input"


def test_the_guides_path_leaks_nothing_at_any_verbosity(astra: Astra, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("keyspace: shop\ntable: orders\ncolumns: [{pipeline_source: text}]\n")
    log = tmp_path / "ansible.log"
    done = run_playbook_here(
        tmp_path,
        REPOSITORY / "playbooks" / "migrate.yml",
        "-vvvv",
        "--diff",
        "-e",
        f"migration_file={tmp_path}/mine.yml",
        ASTRA_DB_TOKEN=TOKEN,
        ASTRA_DB_SECURE_BUNDLE_PATH=str(astra.front.bundle),
        ANSIBLE_LOG_PATH=str(log),
    )
    assert done.returncode == 0, done.stdout
    assert "is complete" in done.stdout
    with zipfile.ZipFile(astra.front.bundle) as archive:
        key = archive.read("key").decode()
    for text in (done.stdout, done.stderr, log.read_text()):
        assert TOKEN not in text
        assert key.splitlines()[1] not in text
    left = [path for path in tmp_path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert left == []
