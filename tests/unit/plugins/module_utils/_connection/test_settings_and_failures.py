# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest
from cassandra import (
    AlreadyExists,
    AuthenticationFailed,
    InvalidRequest,
    OperationTimedOut,
    ReadTimeout,
    Unauthorized,
    WriteFailure,
)
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionShutdown

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.errors import (
    LoginRequired,
    connection_failure,
    connection_reason,
    is_wrong_protocol,
    server_words,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.explain import explained
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.settings import Settings, read_settings
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.tls import ssl_context
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotAuthorized,
    OutcomeUnknown,
    StatementFailed,
    Unavailable,
)

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
        (["[::1:9042]", "1:2:3:4:5:6:7:9042"], (("::1:9042", 9042), ("1:2:3:4:5:6:7:9042", 9042))),
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


@pytest.mark.parametrize(
    ("options", "is_anonymous"),
    [
        ({}, True),
        ({"ssl_ca_certs": "ca.pem"}, True),
        ({"ssl_certfile": "client.pem", "ssl_keyfile": "client.key"}, False),
        (USER, False),
        (TOKEN, False),
        ({"secure_connect_bundle": "bundle.zip"}, False),
        ({"login_sigv4": True, "ssl": True}, False),
    ],
)
def test_whether_anything_says_who_the_client_is(options: dict[str, Any], is_anonymous: bool) -> None:
    assert settings(**options).is_anonymous is is_anonymous


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
        ({"login_host": ["db1"], "login_port": 99999}, "'db1:99999' is not an address with a port from 1 to 65535"),
        ({"login_user": "u"}, "login_password is missing. Give it, or set CASSANDRA_PASSWORD."),
        ({"login_password": "p"}, "login_user is missing. Give it, or set CASSANDRA_USER."),
        ({"login_host": ["::1:9042"]}, r"write \[::1\]:9042 for the port 9042 of ::1, or \[::1:9042\] for the address"),
        ({"login_host": ["2001:db8::1:9142"]}, r"write \[2001:db8::1\]:9142"),
        ({"login_host": ["::1:7777"], "login_port": 7777}, r"write \[::1\]:7777"),
        ({"login_host": ["db1:9042:x"]}, "is neither an IPv6 address nor a name with a port"),
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
        context = ssl_context(replace(tls, ca_certs=None, certfile=None))
        assert (context.verify_mode == ssl.CERT_REQUIRED, context.check_hostname) == (validates, checks_host)


def test_secrets_are_not_in_the_text_of_settings() -> None:
    text = repr(settings(ssl=True, login_user="u", login_password="s3cret", ssl_keyfile_password="k3y"))
    assert "s3cret" not in text
    assert "k3y" not in text


def named(name: str, *bases: type[Exception]) -> type[Exception]:
    """An exception as the driver has it, which the pure package knows by name only."""
    return type(name, bases or (Exception,), {"__module__": "cassandra"})


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def tls_fault(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "words")
    error.reason = reason
    return error


def server(code: str, words: str, wrapper: str = "{}") -> Exception:
    return Exception(wrapper.format(f'Error from server: code={code} [Kind] message="{words}"'))


WRONG_PASSWORD = "Provided username x and/or password are incorrect"


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (socket.gaierror(-2, "Name or service not known"), "does not resolve"),
        (ConnectionRefusedError(111, "Tried connecting to ..."), "connection refused: nothing listens on this port"),
        (OSError(113, "Tried connecting. Last error: No route to host"), "no route to host"),
        (verification(20), "trusted authority"),
        (verification(18), "trusted authority"),
        (verification(62), "another host name (ssl_server_names"),
        (verification(64), "does not carry this address"),
        (verification(10), "has expired"),
        (verification(9), "is not valid yet"),
        # A fault that OpenSSL has a number for and this table has not is told in OpenSSL's words.
        (verification(23), "its certificate is refused: "),
        (tls_fault("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "requires a client certificate"),
        (tls_fault("WRONG_VERSION_NUMBER"), "does not speak TLS"),
        (tls_fault("ODD_FAULT"), "TLS failed: ODD_FAULT"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "may require a client certificate"),
        (ConnectionResetError(104, "Connection reset by peer"), "may speak TLS only"),
        (LoginRequired("org.apache.cassandra.auth.PasswordAuthenticator"), "it requires a login"),
        (server("0100", WRONG_PASSWORD, "Failed to authenticate: {}"), WRONG_PASSWORD),
        (TimeoutError("timed out"), "no answer in time"),
        (OSError(None, "Tried connecting to ... Last error: timed out"), "no answer in time"),
        (
            OSError(None, "Tried connecting to ... Last error: other words"),
            "no answer: Tried connecting to ... Last error",
        ),
        (OSError(), "no answer: OSError"),
        (OperationTimedOut(), "no answer in time"),
        (NoHostAvailable("Unable to connect to any servers", {}), "there is no connection to it any more"),
        (ConnectionShutdown("Connection to x was closed"), "the connection was closed"),
        (OSError(5, "Input/output error"), "no answer: Input/output error"),
        (ValueError("odd"), "no answer: odd"),
        (
            named("DriverException")("no such version"),
            "does not speak the version of the native protocol that was tried",
        ),
        (named("DriverException")("does not support protocol version 72"), "does not speak CQL: correct the port"),
        (named("DriverException")("does not support protocol version 21"), "it speaks TLS only (ssl: true)"),
    ],
    ids=repr,
)
def test_why_an_address_could_not_be_used(error: Exception, part: str) -> None:
    assert part in connection_reason(error)


# Words that no version writes say nothing of what to do: neither is the password wrong, nor anything else.
@pytest.mark.parametrize(
    ("code", "words", "kind", "part"),
    [
        (
            "0100",
            WRONG_PASSWORD,
            "not_authenticated",
            "The login of 'x' was refused: check login_user and login_password.",
        ),
        ("0100", "x is not permitted to log in", "not_authenticated", "ALTER ROLE ... WITH LOGIN = true"),
        ("0100", "Password must not be null", "not_authenticated", "login_password is empty"),
        (
            "0100",
            "Unable to perform authentication: Cannot achieve consistency level LOCAL_QUORUM",
            "not_authenticated",
            "the credentials were not compared",
        ),
        ("0100", "Certificate identity 's' not authorized", "not_authenticated", "ADD IDENTITY"),
        ("0100", "Unable to extract Spiffe from the certificate", "not_authenticated", "ssl_certfile has no identity"),
        ("0100", "Something new", "not_authenticated", "The login of 'x' was refused. Tried a: Something new."),
        (
            "2100",
            "You do not have access from this IP 127.0.0.1",
            "not_authorized",
            "The cluster refuses this client: You do",
        ),
        ("000a", "Invalid or unsupported protocol version (5)", "not_reachable", "does not speak the version"),
        ("1001", "Request is overloaded", "not_reachable", "Tried a: Request is overloaded."),
    ],
)
def test_the_code_of_the_server_decides_the_kind(code: str, words: str, kind: str, part: str) -> None:
    failure = connection_failure({"a": server(code, words)}, "x", has_bundle=False)
    assert (failure.kind, part in failure.message) == (kind, True), failure.message
    assert "a" in failure.message


def test_a_login_that_is_missing_and_one_by_certificate() -> None:
    required = connection_failure({"a": LoginRequired("x.PasswordAuthenticator")}, None, has_bundle=False)
    assert required.message.startswith("The cluster requires a login: give login_user and login_password, or set")
    bundle = connection_failure({"a": LoginRequired("")}, None, has_bundle=True)
    assert "login_token" in bundle.message
    refused = connection_failure(
        {"a": server("0100", "Certificate identity 's' not authorized")}, None, has_bundle=False
    )
    assert refused.message.startswith("The login by the client certificate was refused: a superuser can allow")
    token = connection_failure({"a": server("0100", WRONG_PASSWORD)}, "token", has_bundle=True)
    assert "Astra DB console" in token.message


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (named("NoHostAvailable")("x"), False),
        (ConnectionResetError(104, "reset"), False),
        (OperationTimedOut(), False),
        (KeyError("our own"), True),
        (ZeroDivisionError("our own"), True),
    ],
    ids=repr,
)
def test_an_error_of_our_own_is_no_outcome(error: Exception, ours: bool) -> None:
    with pytest.raises(type(error) if ours else OutcomeUnknown), explained("db1", OutcomeUnknown):
        raise error


@pytest.mark.parametrize(
    ("code", "of_reads", "of_changes"),
    [
        ("2100", NotAuthorized, NotAuthorized),
        ("2200", StatementFailed, StatementFailed),
        ("1000", Unavailable, OutcomeUnknown),
        ("1001", Unavailable, OutcomeUnknown),
        ("1200", Unavailable, OutcomeUnknown),
        ("0000", StatementFailed, OutcomeUnknown),
        ("7777", StatementFailed, OutcomeUnknown),
    ],
)
def test_what_a_code_means_for_a_read_and_for_a_change(code: str, of_reads: type, of_changes: type) -> None:
    error = named("ServerSaid")(str(server(code, "the words")))
    for otherwise, expected in ((ConnectionFailed, of_reads), (OutcomeUnknown, of_changes)):
        with pytest.raises(expected) as caught, explained("db1", otherwise):
            raise error
        assert type(caught.value) is expected
        assert "the words" in str(caught.value)
        assert "gave no answer" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "of_reads", "of_changes"),
    [
        (Unauthorized("other words"), NotAuthorized, NotAuthorized),
        (InvalidRequest("other words"), StatementFailed, StatementFailed),
        (AlreadyExists("k", "t"), StatementFailed, StatementFailed),
        (ReadTimeout("other words"), Unavailable, OutcomeUnknown),
        (WriteFailure("other words"), Unavailable, OutcomeUnknown),
        (NoHostAvailable("none", {"db1": InvalidRequest("other words")}), StatementFailed, StatementFailed),
    ],
    ids=repr,
)
def test_without_the_words_of_the_driver_its_exceptions_decide(
    error: Exception, of_reads: type, of_changes: type
) -> None:
    for otherwise, expected in ((ConnectionFailed, of_reads), (OutcomeUnknown, of_changes)):
        with pytest.raises(expected) as caught, explained("db1", otherwise):
            raise error
        assert type(caught.value) is expected


def test_without_the_words_of_the_driver_a_login_is_refused() -> None:
    failure = connection_failure({"a": AuthenticationFailed("other words")}, "x", False)
    assert failure.kind == "not_authenticated"
    assert "The login of 'x' was refused. Tried a: other words" in failure.message


def test_the_servers_own_words() -> None:
    wrapped = Exception('Error from server: code=2200 [Invalid query] message="Unknown type k."x""')
    assert server_words(wrapped) == 'Unknown type k."x"'
    assert server_words(Exception("plain")) == "plain"
    assert server_words(KeyError()) == "KeyError"
    timed_out = ReadTimeout(str(wrapped), consistency=1, required_responses=2, received_responses=1)
    assert "required_responses" in str(timed_out)
    assert server_words(timed_out) == 'Unknown type k."x"'


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (named("DriverException")("any words"), True),
        (named("AuthenticationFailed", named("DriverException"))("any words"), False),
        (server("000a", "Beta version of the protocol used"), True),
        (server("0100", "a protocol version"), False),
        (Exception("protocol version"), False),
        (ConnectionRefusedError(111, "Connection refused"), False),
    ],
    ids=repr,
)
def test_a_server_of_another_protocol_version(error: Exception, wrong: bool) -> None:
    assert is_wrong_protocol(error) is wrong
