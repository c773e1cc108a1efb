# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent for a check, what is refused before anything is sent, and what is a secret."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._checks.http_request import http_request, shown_url
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

BASE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("check", "base", "said"),
    [
        ({"url": "ftp://host/x"}, BASE, "ftp://host/x is not an http or https address"),
        ({"url": "/x"}, "", "An address that starts with / needs a base URL"),
        ({"url": "http:///x"}, "", "is not an http or https address"),
        ({"url": "http://u:s3cret@host:99999/?token=s3cret"}, "", "http://host:99999/?token=*** is not an http"),
        ({"url": "http://host:s3cret/"}, "", "is not an http or https address"),
        ({"url": "http://[host/"}, "", "is not an http or https address"),
        ({"url": "/a b"}, BASE, "must be percent-encoded"),
        ({"url": "/ü"}, BASE, "must be percent-encoded"),
        ({"url": "/a\n"}, BASE, "must be percent-encoded"),
        ({"url": "/x", "method": "HEAD", "contains": ["a"]}, BASE, "an answer to HEAD has no body"),
        ({"url": "/x", "method": "HEAD", "json": {"absent": ["a"]}}, BASE, "an answer to HEAD has no body"),
        ({"url": "/x", "min_matches": {"(": 1}}, BASE, "( is not a regular expression"),
        ({"url": "/x", "request_headers": {"X-Key": "s3cret\r\nHost: a"}}, BASE, "header X-Key has a line break"),
    ],
)
def test_refused(check, base, said):
    with pytest.raises(InvalidInput) as refused:
        http_request({"name": "Check 1", **check}, base)
    assert refused.value.message.startswith("Check 1: ")
    assert said in refused.value.message
    if ":s3cret/" not in check["url"]:
        assert "s3cret" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://host/a/b", "http://host/a/b"),
        ("https://user:pass@host:8443/a?x=1&y=2#z", "https://host:8443/a?x=***&y=***"),
        ("https://user:p@ss@host/", "https://host/"),
        ("https://host/a@b?c=d@e", "https://host/a@b?c=***"),
        ("https://host?flag", "https://host?flag"),
        ("https://token@host", "https://host"),
    ],
)
def test_shown_address(address, shown):
    assert shown_url(address) == shown


def test_what_is_sent():
    request = http_request(
        {"name": "N", "url": "http://us%65r:p%40ss@host/a?b=c", "host_header": "mine", "request_headers": {"X-A": 1}},
        host_header="all",
        secret_headers={"Authorization": "Bearer t0ken"},
    )
    assert (request["url"], request["user"], request["password"]) == ("http://host/a?b=c", "user", "p@ss")
    assert request["headers"] == {"X-A": "1", "Authorization": "Bearer t0ken", "Host": "mine"}
    assert (request["method"], request["follow_redirects"]) == ("GET", True)


@pytest.mark.parametrize(
    ("check", "secrets"),
    [
        ({"url": "/"}, set()),
        ({"url": "http://admin:pa%22ss@host/"}, {'pa"ss', "pa%22ss", "pa&quot;ss", 'pa\\"ss', "YWRtaW46cGEic3M="}),
        ({"url": "/?page=overview&api_key=abcdef"}, {"abcdef"}),
        ({"url": "/", "request_headers": {"Accept": "text/html", "Cookie": "sid=12345"}}, {"sid=12345", "sid%3D12345"}),
        ({"url": "/", "request_headers": {"X-Token": "abc"}}, set()),
    ],
)
def test_secrets(check, secrets):
    found = http_request({"name": "N", **check}, BASE)["secrets"]
    assert secrets <= set(found) if secrets else not found
    assert not {"admin", "overview", "text/html"} & set(found)


def test_the_longest_secret_is_replaced_first():
    request = http_request({"name": "N", "url": "/"}, BASE, secret_headers={"X-Any": "Bearer abcdef"})
    assert request["secrets"][-1] == "abcdef"
    assert "Bearer abcdef" in request["secrets"]
