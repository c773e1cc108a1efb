# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a log that give the reason, and environments from files: tables."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.log import (
    last_lines,
    mask,
    read_environment,
    secrets_of,
    whole_environment,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import Ready, Service

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "manage.py", line 3, in <module>',
    "    main()",
    "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.",
]
NOISE = [f"[INFO] Worker exiting (pid: {number})" for number in range(30)]


def lines(after: list[str], before: list[str]) -> list[str]:
    """What is shown of a log with five lines."""
    service = Service("Web", "manual", log_lines=5, ready=Ready(url="http://127.0.0.1:1/health/"))
    return last_lines(service, "\n".join(after), "\n".join(before), [])


@pytest.mark.parametrize(
    ("after", "before", "shown"),
    [
        (["a", "b"], [], ["a", "b"]),
        (["a", "b", "c"], ["a", "b"], ["c"]),
        # Both are the end of one text: its first lines went out of sight, and the first is cut.
        (["ld b", "old c", "new"], ["old a", "old b", "old c"], ["new"]),
        # Nothing new was written.
        (["a", "b"], ["a", "b"], []),
        # Another file.
        (["x"], ["a", "b"], ["x"]),
        (["a", "", "  ", "b"], [], ["a", "b"]),
        # The probe's own lines say nothing about the failure.
        (
            ["real", '127.0.0.1 "GET /health/ HTTP/1.1" 500', '127.0.0.1 "GET /other/ HTTP/1.1" 200'],
            [],
            ["real", '127.0.0.1 "GET /other/ HTTP/1.1" 200'],
        ),
        # The reason stands before the last lines.
        ([*TRACEBACK, *NOISE], [], [*TRACEBACK, "[...]", NOISE[-1]]),
        # It is among them.
        ([*NOISE, *TRACEBACK], [], [NOISE[-1], *TRACEBACK]),
        (NOISE, [], NOISE[-5:]),
    ],
)
def test_the_lines_that_give_the_reason(after, before, shown):
    assert lines(after, before) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("connecting with s3cr3t", "connecting with ********"),
        ("no module shop.settings", "no module shop.settings"),
        ("bad key: MIIEvQIBADANBg", "bad key: ********"),
        ("GET https://me:word@example.com/", "GET https://********@example.com/"),
        ("redis://:word@example.com/", "redis://********@example.com/"),
        # Whatever its name, unless that says that it is harmless.
        ("broker is amqp-marker-host", "broker is ********"),
        ("level 10, debug 1", "level 10, debug 1"),
        # One secret may begin like another one.
        ("logged in with s3cr3t-of-the-shop", "logged in with ********"),
    ],
)
def test_secrets_are_masked(line, shown):
    environment = {
        "DB_PASSWORD": "s3cr3t",
        "SHOP_PASSWORD": "s3cr3t-of-the-shop",
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "BROKER": "amqp-marker-host",
        "DEBUG": "1",
        "PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n",
    }
    assert mask(line, secrets_of(environment)) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("# no\n; no\n\nexport A=1\n", {"A": "1"}),
        ("A = spaced \n", {"A": "spaced"}),
        ("A=x#y\nB='x # y'\n", {"A": "x#y", "B": "x # y"}),
        # Only a line feed ends a line.
        ("A=x\x0cy\u2028z\x85\x0b\nB=1", {"A": "x\x0cy\u2028z\x85\x0b", "B": "1"}),
        ("A='$(x) \"y\" \\n'\n", {"A": '$(x) "y" \\n'}),
        ('A="a\\"b\\n\\\\"\n', {"A": 'a"b\n\\'}),
        ('A="first\nsecond"\nB=1\n', {"A": "first\nsecond", "B": "1"}),
        ("A=#x\n  # no\nB = 'y' \n", {"A": "#x", "B": "y"}),
        ("A=\nB=''\n", {"A": "", "B": ""}),
        ("A=django-insecure-$x&(y)=z\n", {"A": "django-insecure-$x&(y)=z"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ('A="x\r\ny"\r\n', {"A": "x\ny"}),
    ],
)
def test_environment_files(text, expected):
    assert read_environment(text, "/app.env") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=1\nrm -rf x\n", "/app.env, line 2: this is no NAME=value."),
        ("1A=1\n", "line 1: this is no NAME=value."),
        ("A='x\n", "line 1: the quote is not closed, or something follows it."),
        ('A="x\nB="y"\n', "line 1: the quote is not closed, or something follows it."),
        # systemd keeps what dotenv cuts.
        ("A=1\nPASSWORD=s3cret #1\n", "line 2: systemd reads what follows ' #' .* Quote it, or remove the comment."),
        ("A=1\t# x\n", "Quote it, or remove the comment."),
        ("A= # x\n", "Quote it, or remove the comment."),
        ("B=1\n\n A='x' # y\n", "line 3: the quote is not closed, or something follows it."),
        ("A=x\0y\n", "holds a NUL character"),
    ],
)
def test_environment_files_that_cannot_be_read(text, said):
    with pytest.raises(InvalidInput, match=said):
        read_environment(text, "/app.env")


def test_variables_win_over_the_file():
    assert whole_environment("A=1\nB=2\n", "/app.env", {"A": 0}) == {"A": "0", "B": "2"}
    with pytest.raises(InvalidInput, match="A B"):
        whole_environment("", "/app.env", {"A B": 1})
