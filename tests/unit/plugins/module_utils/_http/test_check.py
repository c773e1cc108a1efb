# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent for a check, what is refused before anything is sent, and what is a secret."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.check import read_check, texts
from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.target import shown_url

BASE = "http://127.0.0.1:8000"
PAGE = {"url": "/x"}


@pytest.mark.parametrize(
    ("check", "base", "said"),
    [
        ({"url": "ftp://host/x"}, BASE, "its url is not an http or https address"),
        (PAGE, "", "One that starts with / needs a base_url"),
        ({"url": "http:///x"}, "", "is not an http or https address"),
        ({"url": "http://u:s3cret@host:99999/?token=s3cret"}, "", "is not an http"),
        ({"url": "http://host:s3cret/"}, "", "is not an http or https address"),
        ({"url": "http://u:s3cret/x@host/"}, "", "is not an http or https address"),
        ({"url": "s3cret"}, "", "is not an http or https address"),
        ({"url": {"token": "s3cret"}}, "", "is not an http or https address"),
        ({"url": ["s3cret"]}, "", "is not an http or https address"),
        (PAGE, "s3cret", "is not an http or https address"),
        ({"url": "http://[host/"}, "", "is not an http or https address"),
        ({"url": "/a b"}, BASE, "must be percent-encoded"),
        ({"url": "/ü"}, BASE, "must be percent-encoded"),
        ({"url": "/a\n"}, BASE, "must be percent-encoded"),
        ({**PAGE, "method": "HEAD", "contains": ["a"]}, BASE, "the answer to HEAD has no body"),
        ({**PAGE, "method": "HEAD", "json": {"absent": ["a"]}}, BASE, "the answer to HEAD has no body"),
        ({**PAGE, "min_matches": {"(": 1}}, BASE, "( is not a regular expression"),
        ({**PAGE, "headers": {"X-Key": "s3cret\r\nHost: a"}}, BASE, "header X-Key has a line break"),
        ({**PAGE, "headers": {"X-Key": "s3cret\u2028"}}, BASE, "a character that is not ASCII"),
        ({**PAGE, "headers": {"X Key": "s3cret"}}, BASE, "'X Key' is not the name of a header"),
        ({**PAGE, "headers": {"X-Key": ["s3cret"]}}, BASE, "'headers.X-Key' holds a value that is not a text"),
        ({**PAGE, "headers": {"X-Key": None}}, BASE, "'headers.X-Key' holds a value that is not a text"),
        ({**PAGE, "contains": [None]}, BASE, "'contains' holds a value that is not a text"),
        ({**PAGE, "not_contains": {"a": 1}}, BASE, "'not_contains' holds a value that is not a text"),
        ({**PAGE, "contains": True}, BASE, "'contains' holds a value that is not a text"),
        ({**PAGE, "min_matches": {"x": None}}, BASE, "'min_matches' holds a value that is not a number"),
        ({**PAGE, "json": {"min": {"a": True}}}, BASE, "'min' holds a value that is not a number"),
        ({**PAGE, "json": {"min_items": {"a": "²"}}}, BASE, "'min_items' holds a value that is not a number"),
        (
            {**PAGE, "response_headers": {"X-A": None}},
            BASE,
            "'response_headers' holds a value that is not a text",
        ),
        ({**PAGE, "status": [None]}, BASE, "'status' holds a value that is not a text"),
    ],
)
def test_refused(check, base, said):
    with pytest.raises(InvalidInput) as refused:
        read_check({"name": "Check 1", **check}, base)
    assert refused.value.message.startswith("Check 1: ")
    assert said in refused.value.message
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize(
    ("value", "listed"),
    [
        (None, ()),
        ("Oops", ("Oops",)),
        ("Sorry, an error", ("Sorry, an error",)),
        (["a", 1], ("a", "1")),
        (("a",), ("a",)),
        (0, ("0",)),
    ],
)
def test_a_text_is_a_list_of_one(value, listed):
    assert texts(value, "contains") == listed
    expected = read_check({"name": "N", **PAGE, "not_contains": value, "json": {"keys": value}}, BASE).expected
    assert (expected.not_contains, tuple(rule.path for rule in expected.json)) == (listed, listed)


def test_what_is_null_is_as_if_it_were_left_out():
    options = "method headers follow_redirects status response_headers contains not_contains min_matches json".split()
    assert read_check({"name": "N", **PAGE, **dict.fromkeys(options)}, BASE) == read_check({"name": "N", **PAGE}, BASE)
    inner = dict.fromkeys("keys absent values min min_items".split())
    assert read_check({"name": "N", **PAGE, "json": inner}, BASE) == read_check({"name": "N", **PAGE}, BASE)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://host/a/b", "http://host/a/b"),
        ("https://user:pass@host:8443/a?x=1&y=2#z", "https://host:8443/a?x=***&y=***"),
        ("https://user:p@ss@host/", "https://host/"),
        ("https://host/a@b?c=d@e", "https://host/a@b?c=***"),
        ("https://host?flag", "https://host?flag"),
        ("https://token@host", "https://host"),
        ("/a?token=b", "/a?token=***"),
    ],
)
def test_shown_address(address, shown):
    assert shown_url(address) == shown


def test_what_is_sent():
    check = read_check(
        {"name": "N", "url": "http://us%65r:p%40ss@host/a?b=c", "headers": {"Host": "mine", "X-A": 1}},
        "",
        {"Host": "all", "X-Token": "Bearer t0ken", "Accept": "text/html", "X-Empty": ""},
    )
    login = "Basic dXNlcjpwQHNz"
    assert check.target.url == "http://host/a?b=c"
    assert check.target.headers == {
        "Host": "mine",
        "X-Token": "Bearer t0ken",
        "Accept": "text/html",
        "X-A": "1",
        "Authorization": login,
    }
    assert (check.method, check.follow_redirects, check.expected.status) == ("GET", True, (200,))
    for same in ("http://host/b", "http://host:80/b"):
        assert check.target.headers_for(same) == check.target.headers
    for other in ("https://host/b", "http://host:81/b", "http://other/b"):
        assert check.target.headers_for(other) == {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("check", "secrets"),
    [
        ({"url": "/"}, set()),
        ({"url": "http://admin:pa%22ss@host/"}, {'pa"ss', "pa%22ss", "pa&quot;ss", 'pa\\"ss', "YWRtaW46cGEic3M="}),
        ({"url": "/?page=overview&api_key=abcdef"}, {"abcdef"}),
        ({"url": "/", "headers": {"Accept": "text/html", "Cookie": "sid=12345"}}, {"sid=12345", "sid%3D12345"}),
        ({"url": "/", "headers": {"X-Any": "Bearer abcdef"}}, {"Bearer abcdef", "abcdef"}),
        ({"url": "/", "headers": {"X-Token": "abc"}}, set()),
    ],
)
def test_secrets(check, secrets):
    found = read_check({"name": "N", **check}, BASE).target.secrets
    assert secrets <= set(found) if secrets else not found
    assert not {"admin", "overview", "text/html"} & set(found)
    # The longest is replaced first: a short one may be a part of it.
    assert list(found) == sorted(found, key=len, reverse=True)
