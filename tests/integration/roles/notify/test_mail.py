# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module mail and real mail servers: what is verified, what is refused, and that no password leaves without TLS."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.modules import mail as mail_module

from ...conftest import run_module_here

MAIL = {
    "sender": "ansible@example.com",
    "recipients": ["dba@example.com"],
    "subject": "Columns\nadded",
    "body": "Grüße",
    "attachments": [{"name": "record.md", "content": "# Record\n", "subtype": "markdown"}],
    "timeout": 5,
}


def send(server, check=False, **options):
    given = {**MAIL, "host": "localhost", "port": server.port, "ca_path": server.ca_path, **options}
    return run_module_here("mail", given, check)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_sent_over_verified_tls(start_mail_server, security):
    server = start_mail_server(security)
    result = send(server, security=security, username="ansible", password="right")
    assert (result["changed"], result["sent"]) == (False, True), result
    (mail,) = server.mails.taken
    assert "Subject: Columns added" in mail
    assert 'filename="record.md"' in mail
    assert server.mails.passwords == ["right"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ca_path": None}, "certificate verify failed"),
        ({"host": "127.0.0.1"}, "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_certificate_that_proves_nothing_gets_neither_mail_nor_password(start_mail_server, security, change, said):
    server = start_mail_server(security)
    result = send(server, security=security, username="ansible", password="right", **change)
    assert (result["failed"], result["failure"]) == (True, "not_sent")
    assert said in result["msg"]
    assert (server.mails.taken, server.mails.passwords) == ([], [])


def test_starttls_that_is_not_offered(start_mail_server):
    server = start_mail_server("none")
    result = send(server, username="ansible", password="right")
    assert result["failure"] == "not_sent"
    assert "STARTTLS" in result["msg"]
    assert (server.mails.taken, server.mails.passwords) == ([], [])


def test_a_password_without_tls(start_mail_server):
    server = start_mail_server("none")
    result = send(server, security="none", username="ansible", password="right")
    assert (result["failure"], server.mails.passwords) == ("invalid_input", [])
    assert send(server, check=True, security="none")["sent"] is False
    assert server.mails.taken == []
    assert send(server, security="none")["sent"] is True


def test_a_wrong_password_is_not_repeated(start_mail_server):
    result = send(start_mail_server("tls"), security="tls", username="ansible", password="wr0ng-passw0rd")
    assert "refuses the user or the password (535)" in result["msg"]
    assert "wr0ng-passw0rd" not in json.dumps(result)


def test_recipients_that_are_refused(start_mail_server):
    server = start_mail_server("none")
    some = send(server, security="none", recipients=["dba@example.com", "nobody@example.com"])
    assert "took the mail, but refused these recipients: nobody@example.com" in some["msg"]
    assert len(server.mails.taken) == 1
    assert "no such user" in send(server, security="none", recipients=["nobody@example.com"])["msg"]


def test_an_address_that_is_none(start_mail_server):
    result = send(start_mail_server("none"), security="none", sender="a\nBcc: b@example.com")
    assert result["failure"] == "invalid_input"


def test_the_example_runs(start_mail_server, environment, tmp_path):
    """As it stands, but for the server, which nobody else has."""
    server = start_mail_server("starttls")
    (task,) = yaml.safe_load(mail_module.EXAMPLES)
    task["stellarmap.cassandra.mail"] |= {"host": "localhost", "port": server.port, "ca_path": server.ca_path}
    given = {
        "vault_mail_password": "right",
        "columns_result": {"statements": ["ALTER TABLE shop.orders ADD (source text)"]},
    }
    play = {"name": "Example", "hosts": "localhost", "gather_facts": False, "vars": given, "tasks": [task]}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = ["ansible-playbook", str(tmp_path / "play.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ALTER TABLE shop.orders" in server.mails.taken[0]
