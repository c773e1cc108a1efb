# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guardrails on real nodes: whom they hold for, by what check mode predicts and what the server then does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cassandra.cluster import Session
from on_node import session_on

from embedded_cassandra import cluster
from embedded_cassandra.certificates import Authority, NodeTls

from .conftest import Result, run_module_here

GUARDRAILS = {"columns_per_table_fail_threshold": 4, "columns_per_table_warn_threshold": 3}
NO_ALTER = {"alter_table_enabled": False}
VECTORS = {"vector_dimensions_fail_threshold": 4, "vector_dimensions_warn_threshold": 3}
AT_ONCE = {"permissions_validity": "0ms", "roles_validity": "0ms"}
PASSWORD = "s3cret-Passw0rd!"

# They boot a node each.
pytestmark = pytest.mark.xdist_group("guardrails")


def prepare(session: Session) -> None:
    session.execute(
        "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", timeout=30
    )
    session.execute("CREATE TABLE shop.t (id int PRIMARY KEY, a int, b int, c int)", timeout=30)


def ensure(address: str, name: str, check: bool, cql_type: str = "int", **options: Any) -> Result:
    column = {"name": name} if options.get("state") == "absent" else {"name": name, "type": cql_type}
    task = {"keyspace": "shop", "table": "t", "columns": [column], "login_host": [address], **options}
    return run_module_here("cassandra_column", task, check)


@pytest.mark.parametrize("version", ["4.1", "5.0", "6.0"])
def test_they_hold_for_nobody_if_the_cluster_requires_no_login(version: str) -> None:
    settings = GUARDRAILS if version == "4.1" else {**GUARDRAILS, **NO_ALTER}
    with cluster(version=version, settings=settings) as it, session_on(it.addresses[0]) as session:
        prepare(session)
        login = {"login_user": "nobody", "login_password": PASSWORD}
        for name, options in (("d", {}), ("e", login)):
            for check in (True, False):
                added = ensure(it.addresses[0], name, check, **options)
                assert (added["failed"], added["changed"], added["not_checked"]) == (False, True, []), added
        dropped = ensure(it.addresses[0], "c", False, state="absent", allow_data_loss=True)
        assert (dropped["failed"], dropped["changed"]) == (False, True), dropped


def test_they_hold_for_roles_but_not_for_superusers() -> None:
    with cluster(auth=True, settings={**GUARDRAILS, **NO_ALTER, **AT_ONCE}) as it:
        (address,) = it.addresses
        superuser = {"login_user": "cassandra", "login_password": "cassandra"}
        plain = {"login_user": "plain", "login_password": PASSWORD}
        with session_on(address, auth=True) as session:
            prepare(session)
            session.execute(f"CREATE ROLE plain WITH LOGIN = true AND PASSWORD = '{PASSWORD}'", timeout=30)
            session.execute("GRANT ALTER ON shop.t TO plain", timeout=30)
            blind = ensure(address, "d", True, **plain)
            assert (blind["failed"], [one["check"] for one in blind["not_checked"]]) == (
                False,
                ["the guardrails of the cluster"],
            )
            assert ensure(address, "d", False, **plain)["failure"] == "statement_failed"
            session.execute("GRANT SELECT ON system_views.settings TO plain", timeout=30)
            for check in (True, False):
                refused = ensure(address, "d", check, **plain)
                assert refused["failure"] == "refused"
                assert "the guardrail alter_table_enabled forbids ALTER TABLE" in refused["msg"]
                assert "allows 4 columns, the table would have 5" in refused["msg"]
            assert ensure(address, "d", False, **superuser)["changed"] is True


class ByCertificate(NodeTls):
    """A node that knows its roles by the names in their certificates (Cassandra 6.0 asks such a client for no login)."""

    def settings(self, folder: Path) -> dict[str, Any]:
        validator = "org.apache.cassandra.auth.SpiffeCertificateValidator"
        return {
            **super().settings(folder),
            "authenticator": {
                "class_name": "org.apache.cassandra.auth.MutualTlsWithPasswordFallbackAuthenticator",
                "parameters": {"validator_class_name": validator},
            },
            "authorizer": "CassandraAuthorizer",
        }


def test_what_nobody_could_check_for_a_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    client = authority.issue("migrator", "spiffe://test/migrator")

    def tls(addresses: list[str]) -> NodeTls:
        # Without TLS one logs in by a password.
        return ByCertificate(authority.issue(*addresses), authority.path, mutual=True, optional=True)

    login = {
        "ssl_ca_certs": str(authority.path),
        "ssl_certfile": str(client.certificate),
        "ssl_keyfile": str(client.key),
    }
    node = cluster(version="6.0", auth=True, tls=tls, settings=AT_ONCE)
    with node as it, session_on(it.addresses[0], auth=True) as session:
        (address,) = it.addresses
        prepare(session)
        session.execute("CREATE ROLE migrator WITH LOGIN = true", timeout=30)
        session.execute("ADD IDENTITY 'spiffe://test/migrator' TO ROLE 'migrator'", timeout=30)
        dry = ensure(address, "d", True, **login)
        checks = {one["check"] for one in dry["not_checked"]}
        assert (dry["failed"], dry["changed"]) == (False, True), dry["msg"]
        assert {
            "whether the role may ALTER the table",
            "whether the role is a superuser, for whom no guardrail holds",
        } <= checks
        refused = ensure(address, "d", False, **login)
        assert refused["failure"] == "not_authorized"
        assert (
            "role migrator may not ALTER shop.t: a superuser can allow it with GRANT ALTER ON TABLE shop.t TO migrator"
            in refused["msg"]
        )
        session.execute("GRANT ALTER ON shop.t TO migrator", timeout=30)
        assert ensure(address, "d", False, **login)["changed"] is True


def test_those_of_vectors() -> None:
    with cluster(auth=True, settings={**VECTORS, **AT_ONCE}) as it, session_on(it.addresses[0], auth=True) as session:
        (address,) = it.addresses
        prepare(session)
        session.execute(f"CREATE ROLE plain WITH LOGIN = true AND PASSWORD = '{PASSWORD}'", timeout=30)
        session.execute("GRANT ALTER ON shop.t TO plain", timeout=30)
        plain = {"login_user": "plain", "login_password": PASSWORD}
        for readable in (False, True):
            if readable:
                session.execute("GRANT SELECT ON system_views.settings TO plain", timeout=30)
            refused = ensure(address, "d", False, "frozen<list<vector<float, 5>>>", **plain)
            assert refused["failure"] == ("refused" if readable else "statement_failed"), refused["msg"]
        assert "allows vectors of 4 dimensions, not of 5" in refused["msg"]
        for name, cql_type in (("e", "vector<float, 4>"), ("f", "vector<vector<float, 5>, 3>")):
            assert ensure(address, name, False, cql_type, **plain)["changed"] is True
