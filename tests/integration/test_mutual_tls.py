# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A login by certificate, as Cassandra 5.0 and 6.0 have it: no login_user, and the certificate's identity is the role."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from on_node import session_on

from embedded_cassandra import cluster
from embedded_cassandra.certificates import Authority, NodeTls

from .conftest import Result, run_module_here

pytestmark = pytest.mark.xdist_group("mutual_tls")

BY_CERTIFICATE = {
    "class_name": "org.apache.cassandra.auth.MutualTlsAuthenticator",
    "parameters": {"validator_class_name": "org.apache.cassandra.auth.SpiffeCertificateValidator"},
}

SET_UP = (
    "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TABLE shop.t (id int PRIMARY KEY)",
    "CREATE TABLE shop.t2 (id int PRIMARY KEY)",
    "CREATE ROLE migrator WITH LOGIN = true",
    "ADD IDENTITY 'spiffe://test/migrator' TO ROLE 'migrator'",
    "GRANT ALTER ON shop.t TO migrator",
)


@dataclass(frozen=True)
class ByCertificate:
    address: str
    authority: Authority

    def run(self, identity: str | None, check: bool = False, **changes: Any) -> Result:
        pem = self.authority.issue(identity or "client")
        task = {
            "login_host": [self.address],
            "ssl_ca_certs": str(self.authority.path),
            "ssl_certfile": str(pem.certificate),
            "ssl_keyfile": str(pem.key),
            "keyspace": "shop",
            "table": "t",
            "columns": [{"note": "text"}],
            **changes,
        }
        return run_module_here("cassandra_column", {name: value for name, value in task.items() if value}, check)


@pytest.fixture(scope="module", params=["5.0", "6.0"])
def by_certificate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByCertificate]:
    """A node that is set up with passwords, and starts again without them."""
    authority = Authority(tmp_path_factory.mktemp("authority"))

    def optional(addresses: list[str]) -> NodeTls:
        return NodeTls(authority.issue(*addresses), authority.path, optional=True)

    with contextlib.ExitStack() as stack:
        (node,) = stack.enter_context(cluster(request.param, auth=True, tls=optional, durable=True)).nodes
        with session_on(node.address, auth=True) as session:
            for statement in SET_UP:
                session.execute(statement, timeout=30)
        node.stop()
        encryption = {
            **node.config.settings["client_encryption_options"],
            "require_client_auth": True,
            "optional": False,
        }
        settings = {"authenticator": BY_CERTIFICATE, "client_encryption_options": encryption}
        node.config = replace(node.config, settings={**node.config.settings, **settings})
        node.start().wait()
        yield ByCertificate(node.address, authority)


def test_a_known_identity_needs_no_user(by_certificate: ByCertificate) -> None:
    assert by_certificate.run("spiffe://test/migrator", check=True)["changed"] is True
    added = by_certificate.run("spiffe://test/migrator")
    assert (added["failed"], added["changed"]) == (False, True), added["msg"]
    again = by_certificate.run("spiffe://test/migrator", login_user="anything", login_password="anything")
    assert (again["failed"], again["changed"]) == (False, False), again["msg"]


@pytest.mark.parametrize(
    ("identity", "parts"),
    [
        ("spiffe://test/stranger", ["'spiffe://test/stranger' not authorized", "ADD IDENTITY"]),
        (None, ["ssl_certfile has no identity"]),
    ],
)
@pytest.mark.parametrize("login", [{}, {"login_user": "anything", "login_password": "anything"}], ids=["", "user"])
def test_an_unknown_identity_is_no_wrong_password(
    by_certificate: ByCertificate, identity: str | None, login: dict[str, str], parts: list[str]
) -> None:
    refused = by_certificate.run(identity, **login)
    assert refused["failure"] == "not_authenticated", refused["msg"]
    assert [part for part in parts if part not in refused["msg"]] == [], refused["msg"]
    assert "login_password" not in refused["msg"]


def test_a_client_without_a_certificate(by_certificate: ByCertificate) -> None:
    refused = by_certificate.run(None, ssl_certfile=None, ssl_keyfile=None)
    assert refused["failure"] == "not_reachable"
    # The server may close the connection before its alert is read.
    assert "a client certificate" in refused["msg"]
    assert "ssl_certfile and ssl_keyfile" in refused["msg"]


def test_the_grant_names_the_role_that_the_server_names(by_certificate: ByCertificate) -> None:
    refused = by_certificate.run("spiffe://test/migrator", table="t2")
    assert refused["failure"] == "not_authorized"
    assert "GRANT ALTER ON TABLE shop.t2 TO migrator" in refused["msg"]
