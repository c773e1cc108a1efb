# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application on many hosts: the order of its hosts, what each of them is asked, and what the report says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.failed import Run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.hosts import (
    make_batches,
    open_hosts,
    read_pattern,
    split,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.outcome import hosts_so_far, make_report
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.prepare import Wish, prepare
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.progress import so_far
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.report import diff_text

from .test_definition import ONE, read
from .test_outcome import BY_HAND, CHECKS, COLUMNS, FIELDS, NO, NOW, SAME, SERVICES, WOULD

HOSTS = ("web1", "web2", "web3")


@pytest.mark.parametrize(
    ("count", "serial", "sizes"),
    [
        (3, 1, [1, 1, 1]),
        (3, "2", [2, 1]),
        (3, [1, "100%"], [1, 2]),
        (10, "30%", [3, 3, 3, 1]),
        (10, ["10%", 2, "50%"], [1, 2, 5, 2]),
        # A percentage is at least one host, as with Ansible's serial.
        (3, "10%", [1, 1, 1]),
        (0, 5, []),
    ],
)
def test_hosts_are_taken_in_batches_as_ansible_takes_them(count: int, serial: Any, sizes: list[int]) -> None:
    batches = make_batches([f"h{number}" for number in range(count)], serial)
    assert [len(batch) for batch in batches] == sizes
    assert [host for batch in batches for host in batch] == [f"h{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("section", "given", "pattern"),
    [
        ({}, None, None),
        ({"hosts": "web"}, None, "web"),
        ({"hosts": ["web", "!web9"]}, None, ["web", "!web9"]),
        ({}, "web", "web"),
        ({"hosts": "web"}, "web1", "web1"),
        ({"serial": 2}, "web", "web"),
    ],
)
def test_the_hosts_are_those_of_the_file_or_those_that_the_run_names(section: Any, given: Any, pattern: Any) -> None:
    assert read_pattern(section, given, True) == pattern


@pytest.mark.parametrize(
    ("section", "given", "words"),
    [
        ({"hosts": None}, None, "'application.hosts' is a pattern of the inventory, such as web, and it is empty."),
        ({"hosts": ""}, None, "and it is empty"),
        ({"hosts": "  "}, None, "'application.hosts' is a pattern"),
        ({"hosts": []}, None, "and it is a list"),
        ({"hosts": 3}, "web", "'application.hosts' is a pattern of the inventory, such as web, and it is a number."),
        ({"hosts": "web"}, "", "'application_hosts' is a pattern of the inventory, such as web, and it is empty."),
        ({"hosts": "web"}, {"a": 1}, "'application_hosts' is a pattern"),
        ({"serial": 2}, None, "'application.serial' is for an application on many hosts"),
    ],
)
def test_what_is_no_pattern_is_refused(section: Any, given: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_pattern(section, given, True)


def test_a_run_that_touches_no_application_needs_no_hosts() -> None:
    assert read_pattern({"serial": 2}, None, False) is None


@pytest.mark.parametrize("serial", [0, -1, None, "all", "", "1.5", [], [1, "x"], {"a": 1}, True])
def test_what_is_no_number_of_hosts_is_refused(serial: Any) -> None:
    with pytest.raises(InvalidInput, match=r"application\.serial"):
        make_batches(HOSTS, serial)


@pytest.mark.parametrize(
    ("failed", "found"),
    [([], "abcd"), (["a"], "ab"), (["b"], "ab"), (["c"], "abcd"), (["d"], "abcd")],
)
def test_a_failure_stops_before_the_next_batch(failed: list[str], found: str) -> None:
    assert "".join(open_hosts(["ab", "cd"], failed)) == found


def application(host: str, url: str, *addresses: str, **tests: Any) -> dict[str, Any]:
    """A migration file as one host has it."""
    checks = [{"name": f"Check {number}", "url": address} for number, address in enumerate(addresses)]
    section = {"http": checks, **tests}
    models = [{"path": f"/srv/{host}/models.py", "class_name": "Order"}]
    return {**ONE, "application": {"hosts": "web", "url": url}, "model_fields": models, "smoke_tests": section}


CANARY = {"url": "/stats/", "count": "total", "row": {"id": 1}}
DATA = [{"name": "Rows", "query": "SELECT id FROM shop.orders"}]


@pytest.mark.parametrize(
    ("url", "addresses", "own", "shared"),
    [
        # The address of each host is another one.
        ("http://{host}:8000", ["/"], [0], []),
        # The same text is another address on each host.
        ("http://127.0.0.1:8000", ["/"], [0], []),
        ("http://localhost", ["/"], [0], []),
        ("http://[::1]:80", ["/"], [0], []),
        # The whole application has one.
        ("https://shop.example.com", ["/"], [], [0]),
        ("http://{host}", ["/", "https://shop.example.com/"], [0], [1]),
    ],
)
def test_a_test_is_for_each_host_if_its_address_is_the_hosts(
    url: str, addresses: list[str], own: list[int], shared: list[int]
) -> None:
    read_of = {host: read(application(host, url.format(host=host), *addresses)) for host in HOSTS}
    found = split(read_of)
    names = {
        host: [check["name"] for check in one["roles"]["smoke_tests"]["http"]] for host, one in found["hosts"].items()
    }
    assert names == {host: [f"Check {number}" for number in own] for host in HOSTS}
    assert [check["name"] for check in found["roles"]["smoke_tests"]["http"]] == [f"Check {one}" for one in shared]
    assert found["steps"] == (["smoke_tests"] if shared else [])
    assert [one["steps"] for one in found["hosts"].values()] == [
        ["model_fields", *(["smoke_tests"] if own else [])]
    ] * 3
    assert found["hosts"]["web2"]["roles"]["model_fields"]["list"][0]["path"] == "/srv/web2/models.py"


@pytest.mark.parametrize(("url", "is_own"), [("http://{host}", True), ("https://shop.example.com", False)])
def test_queries_are_made_once_and_the_canary_where_its_address_is(url: str, is_own: bool) -> None:
    found = split({host: read(application(host, url.format(host=host), canary=CANARY, data=DATA)) for host in HOSTS})
    whole, each = found["roles"]["smoke_tests"], [one["roles"]["smoke_tests"] for one in found["hosts"].values()]
    assert (whole["data"], [one["data"] for one in each]) == (DATA, [[], [], []])
    assert (bool(whole["canary"]), [bool(one["canary"]) for one in each]) == (not is_own, [is_own] * 3)


def test_a_query_that_differs_from_host_to_host_is_made_for_each_of_them() -> None:
    def queries(host: str) -> Any:
        return [*DATA, {"name": host, "query": f"SELECT id FROM shop.{host}"}]

    found = split({host: read(application(host, f"http://{host}", data=queries(host))) for host in HOSTS})
    assert [one["name"] for one in found["roles"]["smoke_tests"]["data"]] == ["Rows", *HOSTS]


@pytest.mark.parametrize("given", [["Web of web1", "Web of web2", "Wep"], "Web of web1, Web of web2,Wep"])
def test_one_run_confirms_services_whose_names_differ_from_host_to_host(given: Any) -> None:
    """Each host is told of those that it has, and of a name that none has: that one is refused."""
    parts = {host: read({**ONE, "services": [{"name": f"Web of {host}", "manager": "manual"}]}) for host in HOSTS}
    for one in parts.values():
        one.roles["services"]["confirmed"] = given
    found = split(parts)["hosts"]
    assert [one["roles"]["services"]["confirmed"] for one in found.values()] == [
        ["Web of web1", "Wep"],
        ["Web of web2", "Wep"],
        ["Wep"],
    ]


def definition(mode: str = "migrate", check: bool = False, serial: Any = 1, left_out: Sequence[str] = ()) -> Any:
    """The migration file as a run reads it, on three hosts with their own address and the one of all of them."""
    parts = {host: read(application(host, f"http://{host}", "/", "https://shop.example.com/")) for host in HOSTS}
    facts = {**parts["web1"]._asdict(), **split(parts), "batches": make_batches(HOSTS, serial)}
    facts["left_out"] = left_out
    facts |= prepare(facts, Wish(mode, check, confirm="shop.orders", all_listed=True))
    return {**facts, "started_at": "2026-11-26T12:00:00.250+00:00", "path": "x.yml"}


LOOKED = {"results": [{"item": host, "services": []} for host in HOSTS]}


def taken(run: Run, facts: Any, results: dict[str, Any], each: dict[str, Any]) -> Any:
    """What is registered of a run whose hosts came to these results, taken as the tasks take them."""
    results = {"look": LOOKED, **results}
    # Only the report knows of a crash.
    before = run._replace(crash=None)
    results["hosts"] = hosts_so_far(facts, results, before)
    for host in HOSTS:
        if host in results["hosts"]["open"] and host in each:
            results["hosts"] = hosts_so_far(facts, {**results, **each[host]}, before, host)
    return results


def played(run: Run, facts: Any, results: dict[str, Any], each: dict[str, Any]) -> Any:
    """The report of such a run."""
    return make_report(facts, taken(run, facts, results, each), run)


def statuses(report: Any) -> dict[str, str]:
    return {step["name"]: step["status"] for step in report["steps"]}


FINE = {"model_fields": FIELDS, "smoke_tests": CHECKS}
WRONG = {"model_fields": {"results": [{"failed": False, **NO}]}}
LOST = {"model_fields": {"results": [{"unreachable": True, "msg": "No route"}], "unreachable": True}}
OFF = {"model_fields": {"results": [{"fields": [{"name": "note", "state": "disabled", "changed": True}]}]}}


def test_each_host_has_its_line_and_complete_means_all_of_them() -> None:
    run = Run("migrate", NOW, "here")
    results = {"columns": WOULD, "apply": COLUMNS, "smoke_tests": CHECKS}
    report = played(run, definition(), results, dict.fromkeys(HOSTS, FINE))
    assert statuses(report) == {"Columns": "done", **dict.fromkeys(HOSTS, "done"), "Smoke tests": "passed"}
    assert (report["outcome"], [check.get("host") for check in report["checks"]]) == ("complete", [*HOSTS, None])


@pytest.mark.parametrize("wrong", [WRONG, LOST])
def test_a_failure_stops_before_the_next_host(wrong: dict[str, Any]) -> None:
    run, results = Run("migrate", NOW, "here"), {"columns": WOULD, "apply": COLUMNS, "smoke_tests": CHECKS}
    report = played(run, definition(), results, {**dict.fromkeys(HOSTS, FINE), "web2": wrong})
    assert list(statuses(report).values()) == ["done", "done", "failed", "not reached", "not reached"]
    assert report["msg"].startswith("web2: Model fields: ")
    assert "Done before: Columns, web1. Not reached: web3, Smoke tests." in report["msg"]


def test_with_one_batch_every_host_has_its_turn_and_every_failure_its_sentence() -> None:
    run, results = Run("migrate", NOW, "here"), {"columns": WOULD, "apply": COLUMNS, "smoke_tests": CHECKS}
    report = played(run, definition(serial="100%"), results, {"web1": WRONG, "web2": FINE, "web3": LOST})
    assert list(statuses(report).values()) == ["done", "failed", "done", "failed", "not reached"]
    assert "web1: Model fields: No. web3: Model fields: Ansible could not reach this host: No route." in report["msg"]


def test_a_host_that_the_look_cannot_reach_stops_before_the_columns() -> None:
    looked = {"results": [{"item": "web1"}, {"item": "web2", "unreachable": True, "msg": "No route"}, {"item": "web3"}]}
    run, facts = Run("migrate", NOW, "here"), definition()
    results = {"columns": WOULD, "look": looked}
    assert so_far(facts, results, run, "apply")["goes_on"] is False
    assert hosts_so_far(facts, results, run)["open"] == []
    report = played(run, facts, results, {})
    assert list(statuses(report).values()) == ["not reached", "not reached", "failed", "not reached", "not reached"]
    assert (report["failure"], report["tables"][0].get("changed")) == ("host_unreachable", False)


@pytest.mark.parametrize(
    ("web2", "goes_on"), [(OFF, True), (WRONG, False), (LOST, False), (FINE, False), ({"model_fields": {}}, False)]
)
def test_nothing_is_dropped_while_one_host_is_not_off_the_columns(web2: dict[str, Any], goes_on: bool) -> None:
    run, facts = Run("rollback", NOW, "here"), definition("rollback")
    results = taken(run, facts, {"columns": WOULD}, {**dict.fromkeys(HOSTS, OFF), "web2": web2})
    assert so_far(facts, results, run)["goes_on"] is goes_on
    assert statuses(make_report(facts, results, run))["web2"] == ("done" if goes_on else "failed")


def test_a_service_that_waits_on_one_host_lets_the_next_go_on_and_nothing_be_complete() -> None:
    run, facts = Run("migrate", NOW, "here"), definition()
    for one in facts["hosts"].values():
        one["steps"] = ["model_fields", "services"]
    by_hand = {"model_fields": FIELDS, "services": BY_HAND}
    each = {**dict.fromkeys(HOSTS, by_hand), "web3": {"model_fields": FIELDS, "services": SERVICES}}
    report = played(run, facts, {"columns": SAME, "apply": SAME}, each)
    assert list(statuses(report).values()) == ["unchanged", "waiting", "waiting", "done", "waiting"]
    assert report["outcome"] == "waiting"
    assert [text.partition(":")[0] for text in report["remaining"]] == ["web1", "web2", "Smoke tests"]


@pytest.mark.parametrize("mode", ["migrate", "rollback"])
def test_a_host_of_the_file_that_the_run_leaves_out_remains_to_be_done(mode: str) -> None:
    run, facts = Run(mode, NOW, "here"), definition(mode, left_out=["web9"])
    before = {"columns": WOULD, **({"apply": COLUMNS} if mode == "migrate" else {})}
    results = taken(run, facts, before, dict.fromkeys(HOSTS, FINE if mode == "migrate" else OFF))
    assert so_far(facts, results, run)["goes_on"] is False
    report = make_report(facts, results, run)
    lines = statuses(report)
    assert (lines["web1"], lines["web9"], report["outcome"]) == ("done", "not reached", "waiting")
    assert report["remaining"][0].startswith("web9: application_hosts leaves out this host of the file.")
    assert lines["Columns"] == ("done" if mode == "migrate" else "not reached")


def test_check_mode_predicts_for_every_host() -> None:
    run, facts = Run("migrate", NOW, "here", True), definition(check=True)
    report = played(
        run, facts, {"columns": WOULD, "smoke_tests": CHECKS}, {**dict.fromkeys(HOSTS, FINE), "web1": WRONG}
    )
    assert list(statuses(report).values())[:4] == ["would be done", "failed", "would be done", "would be done"]


def test_a_dry_run_shows_the_difference_of_each_host() -> None:
    run, facts = Run("migrate", NOW, "here", True), definition(check=True)
    diff = {"before_header": "/srv/models.py", "after_header": "/srv/models.py", "before": "# note", "after": "note"}
    fields = {"results": [{**FIELDS["results"][0], "diff": diff}]}
    each = {host: {**FINE, "model_fields": fields} for host in HOSTS}
    text = diff_text(taken(run, facts, {"columns": WOULD, "smoke_tests": CHECKS, "model_fields": fields}, each))
    assert [line for line in text.splitlines() if line.startswith("+++")] == [
        f"+++ {host}: /srv/models.py" for host in HOSTS
    ]


def test_verify_finds_the_host_that_was_forgotten() -> None:
    run, facts = Run("verify", NOW, "here"), definition("verify")
    same = {**FINE, "model_fields": {"results": [{"fields": [{"name": "note", "state": "enabled", "changed": False}]}]}}
    report = played(run, facts, {"columns": SAME, "smoke_tests": CHECKS}, {**dict.fromkeys(HOSTS, same), "web2": FINE})
    assert (report["outcome"], report["failure"]) == ("failed", "not_as_listed")
    assert statuses(report)["web3"] == "unchanged"


def test_a_crash_is_that_of_the_host_whose_turn_it_was() -> None:
    run = Run("migrate", NOW, "here", crash={"msg": "Boom"})
    report = played(run, definition(), {"columns": WOULD, "apply": COLUMNS}, {"web1": FINE})
    assert list(statuses(report).values()) == ["done", "done", "failed", "not reached", "not reached"]
    assert report["msg"].startswith("web2: Boom")


def test_what_an_earlier_run_of_the_play_left_is_not_read() -> None:
    run, facts = Run("migrate", NOW, "here"), definition()
    results: dict[str, Any] = {"columns": WOULD, "look": LOOKED, "apply": COLUMNS}
    old = {**hosts_so_far(facts, results, run), "run": "earlier", "results": [{"host": "web1", "status": "done"}]}
    report = make_report(facts, {**results, "hosts": old}, run)
    assert (report["outcome"], statuses(report)["web1"]) == ("failed", "not reached")
