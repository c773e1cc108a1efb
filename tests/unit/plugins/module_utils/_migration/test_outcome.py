# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step failed, what became of the others, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.failed import Run
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.outcome import make_report
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.progress import so_far

NOW = "2026-11-26T12:00:02.500+00:00"
DEFINITION: dict[str, Any] = {
    "title": "dual pipeline",
    "steps": ["model_fields", "services", "smoke_tests"],
    "started_at": "2026-11-26T12:00:00.250+00:00",
    "user": "ada",
    "path": "shipped_at.yml",
    "preflight": {"changed": False},
    "dry": False,
    "confirmed": True,
    "confirmation": "shop.orders",
}
ALTER = "ALTER TABLE shop.orders ADD note text"
TABLE = {
    "keyspace": "shop",
    "table": "orders",
    "columns": [{"name": "note", "type": "text", "kind": "regular", "status": "added"}],
    "statements": [ALTER],
}
COLUMNS: dict[str, Any] = {"changed": True, "statements": [ALTER], "tables": [TABLE]}
SAME = {
    **COLUMNS,
    "changed": False,
    "statements": [],
    "tables": [{**TABLE, "statements": [], "columns": [{**TABLE["columns"][0], "status": "present"}]}],  # type: ignore[index]
}
WOULD = {**COLUMNS, "tables": [{**TABLE, "columns": [{**TABLE["columns"][0], "status": "would_add"}]}]}  # type: ignore[index]
FIELDS = {"results": [{"fields": [{"name": "note", "state": "enabled", "changed": True}]}]}
WEB = {"name": "web", "manager": "systemd", "status": "restarted", "reason": "older than note", "proven": True}
SERVICES = {"changed": True, "services": [WEB], "remaining": []}
BY_HAND = {
    "changed": False,
    "services": [{**WEB, "status": "waiting", "proven": False}],
    "remaining": [{"name": "web", "instructions": "Restart it.", "confirm": "Then set services_confirmed."}],
}
CHECKS = {"checks": [{"name": "Health", "kind": "http", "status": "passed", "seconds": 0.1, "reason": ""}]}
UNKNOWN = "Whether a statement was sent is not known: the next run reads the tables first."
ALL = {"columns": COLUMNS, "model_fields": FIELDS, "services": SERVICES, "smoke_tests": CHECKS}
NO = {"failure": "refused", "msg": "No."}
# Of steps that had nothing to do: a loop over nothing is skipped, and has its results.
IDLE: dict[str, Any] = {
    "model_fields": {"changed": False, "skipped": True, "results": []},
    "services": {"changed": False, "services": [], "remaining": []},
    "smoke_tests": {"changed": False, "checks": []},
}


def report(results: dict[str, Any], mode: str = "migrate", crash: Any = None, check: bool = False, **facts: Any) -> Any:
    return make_report({**DEFINITION, "dry": check, **facts}, results, Run(mode, NOW, "here", check, crash))


@pytest.mark.parametrize(
    ("results", "step", "kind", "sentence"),
    [
        ({"columns": {**SAME, **NO}}, "columns", "refused", "No. Not reached: Model fields, Services, Smoke tests."),
        (
            {"columns": COLUMNS, "model_fields": {"results": [{"failed": False, **NO}]}},
            "model_fields",
            "refused",
            "Model fields: No. Done before: Columns. Not reached: Services, Smoke tests.",
        ),
        (
            {**ALL, "services": {"services": [], **NO}},
            "services",
            "refused",
            "Services: No. Done before: Columns, Model fields. Not reached: Smoke tests.",
        ),
        ({**ALL, "smoke_tests": {**CHECKS, **NO}}, "smoke_tests", "refused", "Smoke tests: No. Done before: Columns"),
        ({"columns": {"failed": True, "msg": "Boom"}}, "columns", "unexpected", f"Boom. {UNKNOWN} Not reached"),
        (
            {"columns": {"traceback": ["KeyError"], "msg": "Boom", "tables": []}},
            "columns",
            "unexpected",
            "Boom. Not reached",
        ),
        (
            {"columns": {"unreachable": True, "msg": "ssh"}},
            "columns",
            "host_unreachable",
            f"Ansible could not reach this host: ssh. {UNKNOWN}",
        ),
    ],
)
def test_the_step_that_failed_is_named(results: dict[str, Any], step: str, kind: str, sentence: str) -> None:
    """What is registered for a later step is of another run."""
    found = report({**({} if step == "smoke_tests" else {"smoke_tests": CHECKS}), **results})
    assert (found["outcome"], found["failed_step"], found["failure"]) == ("failed", step, kind)
    assert found["msg"].startswith(sentence)
    assert found["msg"].endswith("Correct this, then run the same command again: it does what remains to be done.")


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("services", "Services: No. Nothing was changed. Not reached: Columns, Model fields, Smoke tests."),
        ("model_fields", "Model fields: No. Nothing was changed. Not reached: Columns, Services, Smoke tests."),
    ],
)
def test_what_a_step_misses_stops_a_run_before_it_begins(step: str, sentence: str) -> None:
    found = report({}, preflight={**NO, "step": step})
    assert (found["outcome"], found["failed_step"], found["failure"]) == ("failed", step, "refused")
    assert found["msg"].startswith(sentence)


@pytest.mark.parametrize(("columns", "pending"), [(WOULD, True), (SAME, False)])
def test_what_a_dry_run_would_change_is_not_tested_before(columns: dict[str, Any], pending: bool) -> None:
    found = so_far({**DEFINITION, "dry": True}, {**IDLE, "columns": columns}, Run("migrate", NOW, "here", True))
    assert (found["goes_on"], found["pending"]) == (True, pending)


@pytest.mark.parametrize(
    ("results", "mode", "check", "outcome", "line"),
    [
        (ALL, "migrate", False, "complete", "Applied: 1 column added, 0 dropped. Dual pipeline is complete (2.2 s)."),
        (
            {**IDLE, "columns": SAME},
            "migrate",
            False,
            "unchanged",
            "Applied: 0 columns added, 0 dropped. Dual pipeline was complete already, nothing was changed (2.2 s).",
        ),
        (
            {**IDLE, "columns": WOULD},
            "migrate",
            True,
            "dry_run",
            "Plan: 1 column to add, 0 to drop, 0 conflicts. Nothing was changed (2.2 s).",
        ),
        (
            {**ALL, "columns": WOULD, "services": BY_HAND},
            "migrate",
            True,
            "dry_run",
            "Plan: 1 column to add, 0 to drop, 0 conflicts. Nothing was changed (2.2 s).",
        ),
        (
            {**ALL, "services": BY_HAND},
            "migrate",
            False,
            "waiting",
            "Applied: 1 column added, 0 dropped. Dual pipeline waits for you: 2 things to do (2.2 s).",
        ),
        (
            {**IDLE, "columns": SAME},
            "verify",
            False,
            "unchanged",
            "Verified: 1 of 1 columns as listed. Dual pipeline is as listed (2.2 s).",
        ),
    ],
)
def test_the_last_line_says_what_kind_of_run_it_was(
    results: dict[str, Any], mode: str, check: bool, outcome: str, line: str
) -> None:
    found = report(results, mode, check=check)
    assert (found["outcome"], found["msg"]) == (outcome, line)
    assert line in found["text"].splitlines()
    assert (found["user"], found["host"], found["finished_at"]) == ("ada", "here", "2026-11-26T12:00:02+00:00")


@pytest.mark.parametrize("mode", ["migrate", "rollback"])
@pytest.mark.parametrize("step", ["model_fields", "services", "smoke_tests"])
def test_a_step_without_a_result_is_no_success(step: str, mode: str) -> None:
    results = {**ALL, step: {"changed": False, "skipped": True}}
    found = report(results, mode)
    assert (found["outcome"], found["failed_step"], found["failure"]) == ("failed", step, "unexpected")
    # The tests of the application come after this decision.
    goes_on = so_far(DEFINITION, results, Run("migrate", NOW, "here", False))["goes_on"]
    assert goes_on is (step == "smoke_tests")


def test_a_rollback_that_stops_before_its_drop_has_changed_no_column() -> None:
    gone = {**WOULD, "tables": [{**WOULD["tables"][0], "changed": True}]}
    failed = {"columns": gone, "model_fields": {"results": [{"failed": False, **NO}]}}
    found = report(failed, "rollback", applies_later=True)
    assert {step["key"]: step["status"] for step in found["steps"]}["columns"] == "not reached"
    assert (found["tables"][0]["changed"], "Done before" in found["msg"]) == (False, False)


@pytest.mark.parametrize(
    ("status", "of_index", "words"),
    [
        ("present", "would_drop", "would drop 1 index of shop.orders. To allow it"),
        ("would_drop", "would_drop", "with all data in them and drop 1 index of shop.orders. To be able"),
        ("present", "would_create", "would create 1 index of shop.orders. To allow it"),
    ],
)
def test_a_rollback_that_is_not_confirmed_names_the_indexes(status: str, of_index: str, words: str) -> None:
    column = {"name": "note", "type": "text", "kind": "regular", "status": status, "index": {"status": of_index}}
    would = {**COLUMNS, "tables": [{**TABLE, "columns": [column]}]}
    found = report({"columns": would}, "rollback", confirmed=False, dry=True, steps=[])
    assert (found["failure"], words in found["msg"]) == ("not_confirmed", True), found["msg"]


@pytest.mark.parametrize(
    ("mode", "changes", "shown"),
    [
        ("migrate", {}, True),
        ("plan", {"dry": True}, True),
        ("rollback", {"dry": True}, True),
        # Nobody is to change what is not as listed, and a drop that was not begun has no table after it.
        ("verify", {"dry": True}, False),
        ("rollback", {"applies_later": True}, False),
    ],
)
def test_the_schema_before_and_after_is_that_of_what_changes(mode: str, changes: dict[str, Any], shown: bool) -> None:
    diff = [{"before": "a", "after": "b"}, {"before": "c", "after": "c"}]
    found = report({"columns": {**WOULD, "diff": diff}}, mode, **changes)
    assert found["described"] == (diff[:1] if shown else [])


def test_models_without_an_entry_hide_no_failed_service() -> None:
    results = {**ALL, "model_fields": IDLE["model_fields"], "services": {"services": [{**WEB, "proven": False}], **NO}}
    assert so_far(DEFINITION, results, Run("rollback", NOW, "here", False))["goes_on"] is False
    assert report(results)["failed_step"] == "services"


def test_what_waits_for_a_person_is_not_complete_and_not_tested() -> None:
    found = report({**ALL, "services": BY_HAND})
    assert {step["name"]: step["status"] for step in found["steps"]}["Smoke tests"] == "waiting"
    assert found["remaining"][0] == "web: Restart it. Then set services_confirmed."


def test_who_verifies_reads_what_is_missing_and_nothing_of_adding() -> None:
    found = report({"columns": WOULD}, "verify", steps=[])
    assert found["msg"] == ("The tables are not as listed. shop.orders: 1 missing. The playbook migrate makes them so.")
    assert "add" not in found["text"].lower()


def test_a_rollback_needs_its_confirmation_if_anything_would_change() -> None:
    drop = {**COLUMNS, "tables": [{**TABLE, "columns": [{**TABLE["columns"][0], "status": "would_drop"}]}]}  # type: ignore[index]
    facts = {"confirmed": False, "dry": True, "steps": ["model_fields"]}
    found = make_report(
        {**DEFINITION, **facts}, {"columns": drop, "model_fields": FIELDS}, Run("rollback", NOW, "here")
    )
    assert (found["outcome"], found["failure"]) == ("failed", "not_confirmed")
    assert found["msg"] == (
        "Nothing was changed. This rollback would comment out fields of the models and drop 1 column of shop.orders with all "
        "data in them. To be able to read the values later, first take a snapshot of each table on each node, as with "
        "community.cassandra.cassandra_snapshot. To allow it, run the same command with -e rollback_confirm=shop.orders."
    )
    only_fields = make_report(
        {**DEFINITION, **facts}, {"columns": SAME, "model_fields": FIELDS}, Run("rollback", NOW, "here")
    )
    assert only_fields["failure"] == "not_confirmed"
    assert "snapshot" not in only_fields["msg"]
    nothing = {"changed": False, "results": [{"changed": False, "fields": []}]}
    same = make_report(
        {**DEFINITION, **facts}, {"columns": SAME, "model_fields": nothing}, Run("rollback", NOW, "here")
    )
    assert same["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("fields", "services", "outcome", "goes_on", "words"),
    [
        ("disabled", SERVICES, "complete", True, "rollback of dual pipeline is complete"),
        ("enabled", SERVICES, "failed", False, "It is not proven that the model does not use note"),
        (
            "disabled",
            {"services": [{**WEB, "proven": False}]},
            "failed",
            False,
            "Nothing shows whether an old process of web still runs.",
        ),
        ("disabled", BY_HAND, "waiting", False, "waits for you"),
    ],
)
def test_nothing_is_dropped_before_no_running_code_needs_it(
    fields: str, services: dict[str, Any], outcome: str, goes_on: bool, words: str
) -> None:
    model = {"results": [{"fields": [{"name": "note", "state": fields, "changed": True}]}]}
    results = {"columns": COLUMNS, "model_fields": model, "services": services}
    definition = {**DEFINITION, "steps": ["model_fields", "services"], "applies_later": True}
    run = Run("rollback", NOW, "here")
    assert so_far(definition, results, run)["goes_on"] == goes_on
    found = make_report(definition, {**results, "apply": COLUMNS}, run)
    assert found["outcome"] == outcome
    assert words.lower() in found["msg"].lower()


def test_what_failed_before_anything_began() -> None:
    """Next to what an earlier migration of the play left: its columns are no result of this one."""
    broken = {"failure": "invalid_input", "msg": "There is no file x.yml.", "steps": [], "dry": True}
    found = make_report(broken, {"columns": COLUMNS}, Run("migrate", NOW, "here"))
    assert (found["outcome"], found["tables"], found["failed_step"]) == ("failed", [], "preparation")
    assert found["msg"] == "There is no file x.yml."


@pytest.mark.parametrize(
    ("path", "message", "said"),
    [
        ("a.yml", "Set allow_data_loss to allow it.", "options: {allow_data_loss: true}. Correct"),
        ("a.yml", "Raise schema_agreement_timeout.", "options: {schema_agreement_timeout: ...}. Correct"),
        (
            "a.yml",
            "Set rows_to_read to 0",
            "to 0. In the migration file, rows_to_read is written as options: {rows_to_",
        ),
        ("a.yml", "It gives no answer.", "It gives no answer. Correct"),
        # The role columns has options of its own.
        ("", "Set allow_data_loss to allow it.", "Set allow_data_loss to allow it. Correct"),
    ],
)
def test_an_option_that_allows_more_is_shown_as_the_file_has_it(path: str, message: str, said: str) -> None:
    found = report({"columns": {"failure": "refused", "msg": message}}, steps=[], path=path)
    assert said in found["msg"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "changed. This rollback"),
        ("shop.others", "changed. rollback_confirm is shop.others, which does not name each"),
    ],
)
def test_a_confirmation_of_other_tables_is_no_missing_one(given: str, words: str) -> None:
    found = report({"columns": WOULD}, "rollback", confirmed=False, confirmed_as=given, dry=True, steps=[])
    assert words in found["msg"]


def test_a_notification_that_was_not_sent_is_in_the_report() -> None:
    told = [{"name": "slack", "type": "slack", "status": "failed", "detail": "hooks.example.com answers 500"}]
    results = {**ALL, "notify": {"channels": told}}
    found = report(results, parts={"ok": ["application", "notify"], "failed": ["notify"]})
    assert (found["outcome"], found["notifications"]) == ("complete", told)
    assert "Notifications that were not sent:\n  slack: hooks.example.com answers 500\n" in found["text"]
    # That of an earlier run of the same play.
    assert report(results, parts={"ok": ["application"], "failed": []})["notifications"] == []


def test_a_crash_after_the_last_step_is_none_of_it() -> None:
    found = report(ALL, crash={"msg": "'x' is undefined"})
    assert (found["failed_step"], [step["status"] for step in found["steps"]]) == ("notify", ["done"] * 3 + ["passed"])
    assert found["msg"].startswith("Notification: 'x' is undefined. Done before: Columns,")


def test_a_task_that_is_no_step() -> None:
    found = report({"columns": COLUMNS}, crash={"msg": "'x' is undefined"}, steps=["model_fields"])
    assert (found["failed_step"], found["msg"][:30]) == ("model_fields", "Model fields: 'x' is undefined")


def test_a_plan_that_does_not_hold_any_more_says_what_to_do_itself() -> None:
    message = "The approved plan does not hold any more: x. Nothing was executed. Make a new plan."
    found = report({"columns": {"failure": "plan_changed", "msg": message}}, steps=[])
    assert found["msg"] == message


def test_no_text_of_a_server_forges_a_line_or_colors_the_screen() -> None:
    table = {**TABLE, "keyspace": "a\nPLAY RECAP", "table": "\x1b[31mred\u202e"}
    found = report({"columns": {**COLUMNS, "tables": [table], "cluster": {"name": "x\r\ny\x00"}}}, steps=[])
    assert not [line for line in found["text"].splitlines() if line.startswith("PLAY")]
    assert not set("\x1b\x00\u202e\r") & set(str(found["text"]) + found["msg"])
