# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest
from cassandra import OperationTimedOut, ReadTimeout
from cassandra.cluster import NoHostAvailable

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.errors import (
    attempts_sentence,
    connection_reason,
    is_bad_credentials,
    is_wrong_protocol,
    refused_credentials,
    server_words,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import Settings, read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

DEFAULTS: dict[str, Any] = {name: option.get("default") for name, option in connection_options().items()}


def settings(**options: Any) -> Settings:
    return read_settings({**DEFAULTS, **options})


@pytest.mark.parametrize(
    ("hosts", "points"),
    [
        (None, (("localhost", 9042),)),
        (["db1", "db2:9142"], (("db1", 9042), ("db2", 9142))),
        (
            ["2001:db8::1", "[2001:db8::2]", "[2001:db8::3]:9142"],
            (("2001:db8::1", 9042), ("2001:db8::2", 9042), ("2001:db8::3", 9142)),
        ),
        ([" db1 ", "db1"], (("db1", 9042),)),
    ],
)
def test_contact_points(hosts: list[str] | None, points: tuple[tuple[str, int], ...]) -> None:
    assert settings(login_host=hosts).contact_points == points


USER = {"login_user": "u", "login_password": "p"}
TOKEN = {"login_token": "AstraCS:x"}
USER_OF_ENVIRONMENT = {"CASSANDRA_USER": "u", "CASSANDRA_PASSWORD": "p"}


@pytest.mark.parametrize(
    ("options", "environment", "user"),
    [
        ({**USER, **TOKEN}, USER_OF_ENVIRONMENT, "token"),
        ({**USER, **TOKEN}, {"ASTRA_DB_TOKEN": "AstraCS:x"}, "u"),
        (USER, USER_OF_ENVIRONMENT, "u"),
        (TOKEN, {}, "token"),
    ],
)
def test_the_nearer_credentials_win(options: dict[str, Any], environment: dict[str, str], user: str) -> None:
    assert read_settings({**DEFAULTS, **options}, environment).user == user


def test_the_nearer_cluster_wins() -> None:
    both = {**DEFAULTS, "secure_connect_bundle": "/b.zip", "login_host": ["db1", "db2"]}
    assert read_settings(both, {"CASSANDRA_HOST": "db1, db2"}).bundle == "/b.zip"
    assert read_settings(both, {"ASTRA_DB_SECURE_BUNDLE_PATH": "/b.zip"}).contact_points[0] == ("db1", 9042)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "login_token (of the task) and login_user (of the task) exclude each other: remove one of them."),
        (
            {**USER_OF_ENVIRONMENT, "ASTRA_DB_TOKEN": "AstraCS:x"},
            "login_token (of the environment, ASTRA_DB_TOKEN) and login_user (of the environment, CASSANDRA_USER) "
            "exclude each other: remove one of them.",
        ),
    ],
)
def test_two_ways_in_exclude_each_other(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_settings({**DEFAULTS, **USER, **TOKEN}, environment)
    assert caught.value.message == sentence


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"login_host": ["db1", ""]}, "empty entry"),
        ({"login_user": "u"}, "login_password is missing. Give it, or set CASSANDRA_PASSWORD."),
        ({"login_password": "p"}, "login_user is missing. Give it, or set CASSANDRA_USER."),
        ({"login_host": ["db1:x"]}, "a port from 1 to 65535"),
        ({"login_host": ["db1:0"]}, "a port from 1 to 65535"),
        ({"login_host": ["db1:²"]}, "a port from 1 to 65535"),
        ({"login_host": ["db1:٣"]}, "a port from 1 to 65535"),
        ({"login_host": ["db1:" + "9" * 5000]}, "a port from 1 to 65535"),
        ({"ssl": False, "ssl_ca_certs": "/ca.pem"}, "ssl is false, and ssl_ca_certs asks for an encrypted connection"),
        ({"ssl": False, "ssl_check_hostname": True}, "ssl is false, and ssl_check_hostname asks"),
        ({"ssl": False, "ssl_server_names": {"*": "db.example"}}, "ssl is false, and ssl_server_names asks"),
        ({"ssl_check_hostname": False, "ssl_server_names": {"*": "db.example"}}, "the check of names is switched off"),
        ({"ssl_validate_certs": False, "ssl_server_names": {"*": "db.example"}}, "the check of names is switched off"),
        ({"ssl_server_names": {"10.0.0.1": ["db.example"]}}, "maps an address to the name"),
        ({"ssl_server_names": {"10.0.0.1": " "}}, "maps an address to the name"),
        ({"ssl": False, "ssl_cert_reqs": "CERT_REQUIRED"}, "ssl is false, and ssl_cert_reqs asks"),
        ({"login_port": 65536}, "a port from 1 to 65535"),
        ({"connect_timeout": 0}, "connect_timeout is a positive number"),
        ({"connect_timeout": float("nan")}, "connect_timeout is a positive number"),
        ({"request_timeout": float("inf")}, "request_timeout is a positive number"),
        ({"request_timeout": -1.0}, "request_timeout is a positive number"),
    ],
)
def test_settings_which_are_refused(options: dict[str, Any], part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        settings(**options)


def test_the_token_of_the_environment_goes_only_where_its_bundle_leads() -> None:
    environment = {"ASTRA_DB_TOKEN": "AstraCS:x", "ASTRA_DB_SECURE_BUNDLE_PATH": "/b.zip"}
    inherited = {"login_token": "AstraCS:x", "secure_connect_bundle": "/b.zip"}
    assert read_settings({**DEFAULTS, **inherited}, environment).password == "AstraCS:x"
    elsewhere = read_settings({**DEFAULTS, **inherited, "login_host": ["10.0.0.5"]}, environment)
    assert (elsewhere.bundle, elsewhere.user, elsewhere.password) == (None, None, None)


@pytest.mark.parametrize("option", [{"ssl_check_hostname": True}, {"ssl_server_names": {"*": "db"}}, {"ssl": False}])
def test_a_check_that_a_bundle_would_replace_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="has no effect beside it"):
        settings(secure_connect_bundle="/b.zip", login_token="AstraCS:x", **option)


def test_a_bundle_replaces_contact_points_and_tls() -> None:
    astra = settings(secure_connect_bundle="/b.zip", login_token="AstraCS:x")
    assert (astra.contact_points, astra.tls, astra.user, astra.password) == ((), None, "token", "AstraCS:x")


@pytest.mark.parametrize(
    ("options", "encrypted", "validates", "checks_host"),
    [
        ({}, False, None, None),
        ({"ssl": True}, True, True, True),
        ({"ssl": False}, False, None, None),
        ({"ssl": False, "ssl_validate_certs": False}, False, None, None),
        ({"ssl_check_hostname": True}, True, True, True),
        ({"ssl_check_hostname": False}, True, True, False),
        ({"ssl_validate_certs": True}, True, True, True),
        ({"ssl_validate_certs": False}, True, False, False),
        ({"ssl_cert_reqs": "CERT_REQUIRED"}, True, True, True),
        ({"ssl_ca_certs": "/ca.pem"}, True, True, True),
        ({"ssl_server_names": {"*": "db.example"}}, True, True, True),
        ({"ssl_certfile": "/c.pem"}, True, True, True),
        ({"ssl": True, "ssl_check_hostname": False}, True, True, False),
        ({"ssl": True, "ssl_validate_certs": False}, True, False, False),
        ({"ssl": True, "ssl_cert_reqs": "CERT_NONE"}, True, False, False),
        ({"ssl": True, "ssl_cert_reqs": "CERT_OPTIONAL"}, True, True, True),
        ({"ssl": True, "ssl_cert_reqs": "CERT_REQUIRED"}, True, True, True),
    ],
)
def test_tls_verifies_unless_told_otherwise(
    options: dict[str, Any], encrypted: bool, validates: bool | None, checks_host: bool | None
) -> None:
    tls = settings(**options).tls
    assert (tls is not None) is encrypted
    if tls:
        assert (tls.validate_certs, tls.check_hostname) == (validates, checks_host)


def test_secrets_are_not_in_the_text_of_settings() -> None:
    text = repr(settings(ssl=True, login_user="u", login_password="s3cret", ssl_keyfile_password="k3y"))
    assert "s3cret" not in text
    assert "k3y" not in text


class AuthenticationFailed(Exception):
    """Stands in for the driver's exception, which the pure room knows by name only."""


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (socket.gaierror(-2, "Name or service not known"), "does not resolve"),
        (
            ConnectionRefusedError(111, "Tried connecting to [('127.0.0.1', 9042)]. Last error: Connection refused"),
            "connection refused",
        ),
        (OSError(113, "Tried connecting. Last error: No route to host"), "no route to host"),
        (
            PermissionError(
                1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate"
            ),
            "trusted authority",
        ),
        (
            PermissionError(1, "CERTIFICATE_VERIFY_FAILED: Hostname mismatch, certificate is not valid for 'x'"),
            "another host name (ssl_server_names",
        ),
        (
            PermissionError(1, "CERTIFICATE_VERIFY_FAILED: IP address mismatch, certificate is not valid for '::1'"),
            "does not carry this address",
        ),
        (PermissionError(1, "CERTIFICATE_VERIFY_FAILED: certificate has expired"), "has expired"),
        (
            ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"),
            "requires a client certificate",
        ),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "does not speak TLS"),
        (ConnectionResetError(104, "Connection reset by peer"), "may speak TLS only"),
        (AuthenticationFailed("Remote end requires authentication"), "it requires authentication"),
        (
            AuthenticationFailed(
                'Failed to authenticate: code=0100 [Bad credentials] message="Provided username x and/or password are incorrect"'
            ),
            "Provided username x and/or password are incorrect",
        ),
        (TimeoutError("timed out"), "no answer in time"),
        (OperationTimedOut(), "no answer in time"),
        (NoHostAvailable("Unable to connect to any servers", ["::1"]), "none of its nodes answers any more"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_why_an_address_could_not_be_used(error: Exception, part: str) -> None:
    assert part in connection_reason(error)


def test_the_servers_own_words() -> None:
    wrapped = Exception('Error from server: code=2200 [Invalid query] message="Unknown type k."x""')
    assert server_words(wrapped) == 'Unknown type k."x"'
    assert server_words(Exception("plain")) == "plain"
    assert server_words(KeyError()) == "KeyError"
    timed_out = ReadTimeout(str(wrapped), consistency=1, required_responses=2, received_responses=1)
    assert "required_responses" in str(timed_out)
    assert server_words(timed_out) == 'Unknown type k."x"'


def test_whose_credentials_were_rejected() -> None:
    assert is_bad_credentials(AuthenticationFailed("Bad credentials"))
    assert not is_bad_credentials(AuthenticationFailed("Remote end requires authentication"))
    attempts = {"db1:9042": "wrong", "db2:9042": "refused"}
    assert attempts_sentence(attempts) == "db1:9042: wrong; db2:9042: refused"
    assert "login_password" in refused_credentials("web", attempts).message
    assert "Astra DB console" in refused_credentials("token", attempts).message
    assert refused_credentials("web", attempts).facts == {"attempts": attempts}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("ProtocolError returned from server while using explicitly set client protocol_version 5", True),
        ("Beta version of the protocol used (5/v5-beta), but USE_BETA flag is unset", True),
        ("does not support protocol version 21", False),
        ("Connection refused", False),
    ],
)
def test_a_server_of_another_protocol_version(text: str, wrong: bool) -> None:
    assert is_wrong_protocol(Exception(text)) is wrong
