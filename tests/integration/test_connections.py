# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connecting as production does: passwords, TLS, client certificates, limited roles; and to the wrong ones."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, Session
from cassandra.policies import RoundRobinPolicy
from delay_proxy import Distance, delay_proxy
from on_node import session_on

from embedded_cassandra import cluster
from embedded_cassandra.certificates import Authority, NodeTls

from .conftest import Result, run_module_here
from .ring import addresses_of

# They share what is made once for the file.
pytestmark = pytest.mark.xdist_group("connections")

PASSWORD = "s3cret-Passw0rd!"
KEY_PASSWORD = "k3y-Passw0rd!"
COLUMNS = [{"note": "text"}]


@dataclass(frozen=True)
class Secured:
    """A node with passwords and mutual TLS, and the authority which it trusts."""

    address: str
    authority: Authority
    other: Authority
    superuser: Session

    def options(self, **changes: Any) -> dict[str, Any]:
        client = self.authority.issue("client.example")
        return {
            "login_host": [self.address],
            "login_user": "migrator",
            "login_password": PASSWORD,
            "ssl_ca_certs": str(self.authority.path),
            "ssl_certfile": str(client.certificate),
            "ssl_keyfile": str(client.key),
            "keyspace": "shop",
            "table": "orders",
            "columns": COLUMNS,
            **changes,
        }

    def run(self, check: bool = False, **changes: Any) -> Result:
        given = {name: value for name, value in self.options(**changes).items() if value is not None}
        result = run_module_here("cassandra_column", given, check)
        assert PASSWORD not in str(result)
        return result


@dataclass(frozen=True)
class Named:
    addresses: list[str]
    authority: Authority

    def run(self, column: str, names: dict[str, str] | None, **more: Any) -> Result:
        given = {"keyspace": "shop", "table": "orders", "columns": [{column: "text"}], "ssl_server_names": names}
        given |= {"login_host": self.addresses[:1], "ssl_ca_certs": str(self.authority.path)}
        return run_module_here("cassandra_column", {**given, **more})


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    authority, other = Authority(folder / "ours"), Authority(folder / "other")
    version = request.config.getoption("--cassandra").split(",")[0]

    def mutual(addresses: list[str]) -> NodeTls:
        return NodeTls(authority.issue(*addresses), authority.path, mutual=True)

    with cluster(version, auth=True, tls=mutual) as running:
        address = running.addresses[0]
        client = authority.issue("admin.example")
        context = ssl.create_default_context(cafile=str(authority.path))
        context.load_cert_chain(client.certificate, client.key)
        driver = Cluster(
            [address],
            protocol_version=4,
            ssl_context=context,
            auth_provider=PlainTextAuthProvider("cassandra", "cassandra"),
            execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(RoundRobinPolicy(), request_timeout=30)},
        )
        session = driver.connect()
        for statement in (
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TABLE shop.orders (id int PRIMARY KEY)",
            f"CREATE ROLE migrator WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            f"CREATE ROLE reader WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            f"CREATE ROLE \"Granted\" WITH LOGIN = true AND PASSWORD = '{PASSWORD}'",
            f"CREATE ROLE locked WITH LOGIN = false AND PASSWORD = '{PASSWORD}'",
            "CREATE ROLE altering",
            "GRANT ALTER ON KEYSPACE shop TO altering",
            'GRANT altering TO "Granted"',
            "GRANT ALTER ON TABLE shop.orders TO migrator",
            "GRANT SELECT ON KEYSPACE shop TO reader",
        ):
            session.execute(statement)
        yield Secured(address, authority, other, session)
        driver.shutdown()


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Named]:
    """A ring whose certificates carry a name and no address."""
    authority = Authority(tmp_path_factory.mktemp("named"))
    version = request.config.getoption("--cassandra").split(",")[0]

    def by_name(_addresses: list[str]) -> NodeTls:
        return NodeTls(authority.issue("db.example.com"), authority.path, optional=True)

    with cluster(version, 2, tls=by_name) as running, session_on(running.addresses[0]) as session:
        session.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE shop.orders (id int PRIMARY KEY)")
        yield Named(running.addresses, authority)


@pytest.fixture(autouse=True)
def without_the_column(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "secured" in request.fixturenames:
        session = request.getfixturevalue("secured").superuser
        names = session.execute("SELECT column_name FROM system_schema.columns WHERE keyspace_name = 'shop'")
        if "note" in {row.column_name for row in names}:
            session.execute("ALTER TABLE shop.orders DROP note")


@pytest.mark.promise
@pytest.mark.parametrize("user", ["migrator", "Granted", "cassandra"])
def test_who_may_alter_does(secured: Secured, user: str) -> None:
    password = "cassandra" if user == "cassandra" else PASSWORD
    assert secured.run(check=True, login_user=user, login_password=password)["changed"] is True
    assert secured.run(login_user=user, login_password=password)["changed"] is True
    assert secured.run(login_user=user, login_password=password)["changed"] is False


@pytest.mark.promise
@pytest.mark.parametrize("check", [True, False])
def test_who_may_not_alter_is_told_the_grant(secured: Secured, check: bool) -> None:
    refused = secured.run(check, login_user="reader")
    assert refused["failure"] == "refused"
    assert "GRANT ALTER ON TABLE shop.orders TO reader" in refused["msg"]
    # What is there already needs no right to change it.
    secured.superuser.execute("ALTER TABLE shop.orders ADD note text")
    assert secured.run(check, login_user="reader")["changed"] is False


def test_who_may_not_read_what_a_drop_destroys_is_told_the_grant(secured: Secured) -> None:
    secured.superuser.execute("ALTER TABLE shop.orders ADD lost text")
    given = {"columns": [{"name": "lost"}], "state": "absent", "allow_data_loss": True}
    refused = secured.run(True, **given)
    assert refused["failure"] == "not_authorized", refused["msg"]
    assert "GRANT SELECT ON TABLE shop.orders TO migrator" in refused["msg"]
    assert secured.run(False, **given, rows_to_read=0)["changed"] is True


@pytest.mark.parametrize(
    ("changes", "kind", "part"),
    [
        ({"login_password": "wrong"}, "not_authenticated", "The login of 'migrator' was refused: check login_user"),
        ({"login_user": "nobody"}, "not_authenticated", "The login of 'nobody' was refused: check login_user"),
        ({"login_user": "locked"}, "not_authenticated", "not permitted to log in"),
        (
            {"login_user": None, "login_password": None},
            "not_authenticated",
            "The cluster requires a login: give login_user and login_password, or set CASSANDRA_USER",
        ),
        ({"ssl_certfile": None, "ssl_keyfile": None}, "not_reachable", "client certificate"),
        ({"ssl_ca_certs": "/no/such.pem"}, "invalid_input", "ssl_ca_certs /no/such.pem cannot be used"),
        ({"ssl_certfile": "/no/such.pem"}, "invalid_input", "ssl_certfile /no/such.pem"),
        ({"login_host": ["localhost"]}, "not_reachable", "localhost:9042"),
    ],
)
def test_what_is_wrong_is_said(secured: Secured, changes: dict[str, Any], kind: str, part: str) -> None:
    result = secured.run(**changes)
    assert (result["failed"], result["failure"]) == (True, kind), result["msg"]
    assert part in result["msg"]


@pytest.mark.promise
def test_a_server_of_another_authority(secured: Secured) -> None:
    result = secured.run(ssl_ca_certs=str(secured.other.path))
    assert (result["failure"], "not signed by a trusted authority" in result["msg"]) == ("not_reachable", True)


@pytest.mark.promise
def test_without_tls_a_server_which_wants_it_is_recognised(secured: Secured) -> None:
    result = secured.run(ssl_ca_certs=None, ssl_certfile=None, ssl_keyfile=None)
    # The event loop of the driver's oldest version on Python 3.11 keeps the server's answer for itself.
    loop = Cluster.connection_class.__module__
    words = "the connection was closed" if loop.endswith("asyncorereactor") else "TLS only"
    assert (result["failure"], words in result["msg"]) == ("not_reachable", True), result["msg"]


def test_an_encrypted_key(secured: Secured) -> None:
    client = secured.authority.issue("client.example", password=KEY_PASSWORD)
    files = {"ssl_certfile": str(client.certificate), "ssl_keyfile": str(client.key)}
    assert secured.run(check=True, **files, ssl_keyfile_password=KEY_PASSWORD)["changed"] is True
    wrong = secured.run(**files, ssl_keyfile_password="not-th3-p4ssword")
    assert (wrong["failure"], "password is wrong" in wrong["msg"]) == ("invalid_input", True)
    missing = secured.run(**files)
    assert missing["failure"] == "invalid_input"


def test_a_client_certificate_of_another_authority(secured: Secured) -> None:
    client = secured.other.issue("client.example")
    result = secured.run(ssl_certfile=str(client.certificate), ssl_keyfile=str(client.key))
    assert result["failure"] == "not_reachable"


def test_options_of_community_cassandra(secured: Secured) -> None:
    assert secured.run(check=True, ssl=True, ssl_cert_reqs="CERT_REQUIRED")["changed"] is True
    assert secured.run(check=True, ssl=True, ssl_cert_reqs="CERT_NONE", ssl_ca_certs=None)["changed"] is True


def _answer(request: bytes) -> bytes:
    """What a node with passwords answers to OPTIONS and STARTUP."""
    if request[4] == 0x05:
        opcode, body = 0x06, b"\x00\x02\x00\x0bCQL_VERSION\x00\x01\x00\x053.4.5\x00\x0bCOMPRESSION\x00\x00"
    else:
        name = b"org.apache.cassandra.auth.PasswordAuthenticator"
        opcode, body = 0x03, len(name).to_bytes(2, "big") + name
    return bytes([0x80 | request[0], 0, request[2], request[3], opcode]) + len(body).to_bytes(4, "big") + body


class Impostor:
    """A server which speaks TLS with a certificate of its own, and remembers all it is sent inside."""

    def __init__(self, authority: Authority, *names: str, expired: bool = False) -> None:
        pem = authority.issue(*names, expired=expired)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem.certificate, pem.key)
        self.received = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._context = context
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(connection, server_side=True) as tls:
                    tls.settimeout(3)
                    while data := tls.recv(4096):
                        self.received += data
                        tls.send(_answer(data))
            except OSError:
                continue

    def __enter__(self) -> Impostor:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.mark.parametrize("fault", ["another name", "another authority", "expired"])
def test_a_man_in_the_middle_gets_nothing(tmp_path: Path, fault: str) -> None:
    ours, other = Authority(tmp_path / "ours"), Authority(tmp_path / "other")
    signer = other if fault == "another authority" else ours
    name = "elsewhere.example" if fault == "another name" else "127.0.0.1"
    with Impostor(signer, name, expired=fault == "expired") as impostor:
        options = {
            "login_host": [f"127.0.0.1:{impostor.port}"],
            "login_user": "migrator",
            "login_password": PASSWORD,
            "ssl_ca_certs": str(ours.path),
            "keyspace": "shop",
            "table": "orders",
            "columns": COLUMNS,
        }
        result = run_module_here("cassandra_column", options)
        assert result["failure"] == "not_reachable"
        assert impostor.received == b""
        words = {"another name": "address", "another authority": "trusted authority", "expired": "has expired"}
        assert words[fault] in result["msg"]


def test_the_impostor_would_hear_a_careless_client(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    with Impostor(ours, "elsewhere.example") as impostor:
        options = {
            "login_host": [f"127.0.0.1:{impostor.port}"],
            "login_user": "migrator",
            "login_password": PASSWORD,
            "ssl": True,
            "ssl_validate_certs": False,
            "connect_timeout": 2,
            "keyspace": "shop",
            "table": "orders",
            "columns": COLUMNS,
        }
        run_module_here("cassandra_column", options)
        assert PASSWORD.encode() in impostor.received


def test_certificates_that_carry_names_only(named: Named) -> None:
    """Each node is met by the address that the cluster gives, and proves the name that the user gives for that."""
    first, second = named.addresses
    name = "db.example.com"
    refused = named.run("a", None)
    assert refused["failure"] == "not_reachable"
    assert (
        "its certificate does not carry this address (ssl_server_names takes a name that it carries)" in refused["msg"]
    )
    # Only the contact point can prove itself: no node that cannot is taken for one that did.
    partly = named.run("a", {first: name})
    assert partly["failure"] == "nodes_unreachable"
    assert second in partly["msg"]
    assert "ssl_server_names" in partly["msg"]
    other = named.run("a", {first: name, "*": "other.example.com"})
    assert other["failure"] == "nodes_unreachable"
    assert "its certificate is for another host name" in other["msg"]
    for column, names in (("a", {"*": name}), ("b", {first: name, second: name})):
        added = named.run(column, names)
        assert (added["failed"], added["changed"]) == (False, True), added["msg"]
        assert addresses_of(added["verified_by"]) == sorted(named.addresses)


def test_behind_a_tunnel_a_certificate_is_that_of_the_advertised_address(named: Named) -> None:
    first, second = named.addresses
    with delay_proxy((first, 9042), Distance(0)) as port, delay_proxy((second, 9042), Distance(0)) as other:
        tunnels = {first: f"127.0.0.1:{port}", second: f"127.0.0.1:{other}"}
        names = {first: "db.example.com", second: "db.example.com"}
        added = named.run("c", names, login_address_map=tunnels)
        assert (added["failed"], added["changed"]) == (False, True), added["msg"]
        assert addresses_of(added["verified_by"]) == sorted(named.addresses)
        refused = named.run("d", {**names, second: "other.example.com"}, login_address_map=tunnels)
    assert (refused["failure"], refused["changed"]) == ("nodes_unreachable", False)
    assert f"login_address_map leads to 127.0.0.1:{other}, its certificate is for another host name" in refused["msg"]
