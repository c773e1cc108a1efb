# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One outcome of what several tasks registered."""

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._http.outcome import outcome

ASKED = {
    "http": [{"name": "Health"}],
    "data": [{"name": "Orders"}],
    "canary": {"url": "/stats/", "count": "web", "row": {}},
}


def http(name="Health", status="passed", reason="", **values):
    facts = {"url": "http://h/", "http_status": 200, "attempts": 1, "values": values}
    return {"name": name, "kind": "http", "status": status, "seconds": 0.1, "reason": reason, "facts": facts}


def data(**result):
    return {"results": [{"item": {"name": "Orders"}, **result}]}


DATA = data(status="passed", reason="source: WEB 2; without a value 0", seconds=0.2, facts={"row_count": 2})
BEFORE = {"checks": [http(), http("Canary", web=1)]}
COUNTED = [{}, {"inserted": True}, {"checks": [http("Canary", web=2)]}, {"changed": True}]
RIGHT = {"asked": ASKED, "http": BEFORE, "data": DATA, "canary": COUNTED}


def test_all_that_is_right():
    found = outcome(RIGHT)
    assert [(one["name"], one["kind"], one["status"]) for one in found["checks"]] == [
        ("Health", "http", "passed"),
        ("Orders", "data", "passed"),
        ("Canary", "canary", "passed"),
    ]
    assert found["checks"][1]["facts"] == {"row_count": 2}
    assert found["checks"][2]["facts"] == {"count": "web", "url": "http://h/", "before": 1, "after": 2}
    assert (found["changed"], "failure" in found) == (False, False)
    assert found["msg"].splitlines() == [
        "Health: passed",
        "Orders: passed; source: WEB 2; without a value 0",
        "Canary: passed; the running application counted the row (web: 1, then 2)",
    ]


def test_all_that_failed_is_said_at_once():
    broken = {
        "checks": [http(status="failed", reason="expected status 200, found status 500: x"), http("Canary", web=1)]
    }
    typing_error = data(failed=False, failure="statement_failed", msg="Undefined column name sauce.")
    found = outcome({**RIGHT, "http": broken, "data": typing_error})
    assert found["failure"] == "checks_failed"
    assert found["msg"] == (
        "2 of 3 checks failed. Health (http://h/): expected status 200, found status 500: x. "
        "Orders: Undefined column name sauce."
    )


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (data(changed=False, msg="Boom"), "Orders: Boom."),
        (data(changed=False, skipped=True), "Orders: it was not read."),
        ({"changed": False, "msg": "'nope' is undefined", "results": []}, "Orders: 'nope' is undefined."),
        ({}, "Orders: it was not read."),
    ],
)
def test_a_query_without_a_verdict_has_not_passed(results, said):
    """A task that was told not to fail, and one that did not run, leave no failure either."""
    found = outcome({**RIGHT, "data": results})
    assert (found["failure"], found["msg"]) == ("checks_failed", f"1 of 3 checks failed. {said}")


def test_not_yet_is_no_failure():
    found = outcome({**RIGHT, "data": data(status="not_yet", reason="source: no row has a value yet", facts={})})
    assert (found["checks"][1]["status"], "failure" in found) == ("not_yet", False)
    assert "not yet: nothing has written this so far" in found["msg"]


FAILED_COUNT = {"checks": [http("Canary", "failed", "expected a number of at least 2 at web, found 1", web=1)]}
NO_COUNT = {"checks": [http(), http("Canary", "failed", "expected a number of at least 0 at web, found null")]}


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ({"canary": [{"failed": False, "failure": "refused", "msg": "There is a row."}]}, "There is a row."),
        ({"http": NO_COUNT, "canary": [{}]}, "http://h/ gives no count at web: expected a number"),
        ({"http": {}, "canary": [{}]}, "/stats/ gives no count at web: it was not read"),
        ({"canary": [{}, {"failed": False, "failure": "not_authorized", "msg": "No permission."}, {}, {}]}, "No permission."),
        ({"canary": [{}, {"inserted": True}, FAILED_COUNT, {}]}, "did not count the row. http://h/: expected a number of"),
        ({"canary": [{}, {"inserted": True}, {"failed": True, "msg": "boom"}, {}]}, "boom"),
        ({"canary": [{}, {"inserted": True}, FAILED_COUNT, {"failure": "refused", "msg": "It is left alone."}]},
         "and run this again. It is left alone."),
        ({"canary": [*COUNTED[:3], {"failed": False, "failure": "refused", "msg": "left alone"}]}, "left alone"),
        ({"canary": [{}]}, "did not count the row. http://h/: it was not asked"),
        # What an earlier run of the role in the same play registered decides nothing.
        ({"http": NO_COUNT, "canary": COUNTED}, "gives no count at web"),
    ],
)  # fmt: skip
def test_a_canary_that_failed(results, said):
    found = outcome({**RIGHT, **results})
    canary = found["checks"][-1]
    assert (canary["kind"], canary["status"], found["failure"]) == ("canary", "failed", "checks_failed")
    assert said in canary["reason"]
    assert ("Restart the application" in canary["reason"]) == any(
        one in said for one in ("row. http", "no count", "again.")
    )


@pytest.mark.parametrize(
    ("results", "check_mode", "status", "reason"),
    [
        ({"reads_only": True}, False, "skipped", "This run only reads."),
        ({}, True, "skipped", "A dry run inserts no row."),
        ({"pending": True}, True, "pending", ""),
    ],
)
def test_a_canary_that_is_not_inserted(results, check_mode, status, reason):
    found = outcome({**RIGHT, "http": {"checks": [http()]}, **results}, check_mode)
    assert (found["checks"][-1]["status"], found["checks"][-1]["reason"]) == (status, reason)
    assert "failure" not in found


def test_what_is_pending_is_named():
    found = outcome({"asked": ASKED, "pending": True, "http": {"skipped": True}, "data": {"skipped": True}}, True)
    assert [(one["name"], one["status"]) for one in found["checks"]] == [
        ("Health", "pending"),
        ("Orders", "pending"),
        ("Canary", "pending"),
    ]
    assert found["msg"].splitlines()[0] == "Health: runs after the change"


@pytest.mark.parametrize("canary", [None, {}, {**ASKED["canary"], "enabled": False}])
def test_nothing_to_check(canary):
    found = outcome({"asked": {"http": [], "data": [], "canary": canary}, "http": {"skipped": True}, "data": {}})
    assert (found["checks"], found["msg"]) == ([], "There is nothing to check.")
