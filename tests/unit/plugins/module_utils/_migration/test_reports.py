# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as text, Markdown and a page: what a reader needs is there, and nothing that a name holds breaks it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.counts import count_line
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.fleet import same_cluster
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.markdown import (
    as_markdown,
    plan_as_markdown,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.notice import notice
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.report import as_text, headline
from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.report_html import fleet_page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# What a person sees: whether the page has to be moved sideways, which clusters are unfolded, and what it fetched.
LOOK = """<script>document.title = JSON.stringify({
  sideways: document.documentElement.scrollWidth > innerWidth,
  unfolded: [...document.querySelectorAll("details[open] > summary")].map(one => one.textContent),
  visible: [...document.querySelectorAll(".why")].map(one => one.checkVisibility()),
  fetched: performance.getEntriesByType("resource").length})</script>"""

ALTER = "ALTER TABLE shop.orders ADD (shipped_at timestamp)"
NODES = [{"host_id": f"h{number}", "address": f"10.0.0.{number}", "port": 9042} for number in (1, 2, 3)]
CLUSTER = {"name": "Production", "release_versions": ["5.0.9"], "schema_agreed": True, "nodes": NODES}
TABLE = {
    "keyspace": "shop",
    "table": "orders",
    "changed": True,
    "columns": [
        {"name": "shipped_at", "type": "timestamp", "kind": "regular", "status": "added"},
        {"name": "tier", "type": "text", "kind": "static", "status": "present"},
    ],
    "statements": [ALTER],
}


def report(outcome: str = "complete", **facts: Any) -> dict[str, Any]:
    base = {"outcome": outcome, "title": "migration", "cluster": CLUSTER, "tables": [TABLE], "verified_by": NODES}
    return {**base, "seconds": 1.25, **facts}


def test_the_text_of_a_run() -> None:
    assert as_text(report()).splitlines() == [
        "Cluster Production (Cassandra 5.0.9, connected to 10.0.0.1)",
        "shop.orders: 1 added",
        f"  {ALTER};",
        "Verified on all 3 nodes: 10.0.0.1, 10.0.0.2, 10.0.0.3",
        "Applied: 1 column added, 0 dropped. Migration is complete (1.2 s).",
    ]


@pytest.mark.parametrize(
    ("seen", "agree", "line"),
    [
        (1, True, "Read on 1 of 3 nodes: 10.0.0.1; all 3 nodes hold one schema version"),
        (2, True, "Read on 2 of 3 nodes: 10.0.0.1, 10.0.0.2; all 3 nodes hold one schema version"),
        (2, False, "Read on 2 of 3 nodes: 10.0.0.1, 10.0.0.2"),
        (
            3,
            False,
            "Verified on all 3 nodes: 10.0.0.1, 10.0.0.2, 10.0.0.3; the nodes do not hold one schema version",
        ),
    ],
)
def test_a_part_of_the_nodes_is_never_all_of_them(seen: int, agree: bool, line: str) -> None:
    found = as_text(report(verified_by=NODES[:seen], cluster={**CLUSTER, "schema_agreed": agree}))
    assert line in found.splitlines()


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"outcome": "unchanged"}, "Migration was complete already, nothing was changed."),
        ({"outcome": "dry_run", "mode": "check"}, "Nothing was changed."),
        ({"outcome": "waiting", "remaining": ["Restart web."]}, "Migration waits for you: 1 thing to do."),
        (
            {"outcome": "waiting", "remaining": ["Restart web.", "Restart api."]},
            "Migration waits for you: 2 things to do.",
        ),
        (
            {"outcome": "failed", "steps": [{"name": "Smoke tests", "status": "failed"}]},
            "Migration failed: smoke tests.",
        ),
        ({"outcome": "failed"}, "Migration failed."),
        ({"outcome": "complete", "title": "Ship dates"}, "Ship dates is complete."),
    ],
)
def test_headlines(facts: dict[str, Any], line: str) -> None:
    counts = (
        "Plan: 0 columns to add, 0 to drop, 0 conflicts." if "mode" in facts else "Applied: 0 columns added, 0 dropped."
    )
    assert headline(facts) == (line if facts["outcome"] == "failed" else f"{counts} {line}")


@pytest.mark.parametrize(
    ("status", "of_index", "words"),
    [
        ("dropped", {}, "0 columns added, 1 dropped"),
        ("dropped", {"index": {"status": "dropped"}}, "0 columns added, 1 column and 1 index dropped"),
        ("present", {"index": {"status": "dropped"}}, "0 columns added, 1 index dropped"),
    ],
)
def test_an_index_is_not_counted_as_a_column(status: str, of_index: dict[str, Any], words: str) -> None:
    column = {"name": "note", "type": "text", "status": status, **of_index}
    assert words in count_line([{"keyspace": "shop", "table": "orders", "columns": [column]}], "rollback", False)


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"warnings": ["The views get it too."]}, "Warnings:\n  The views get it too."),
        ({"remaining": ["Restart web."]}, "What remains for you:\n  Restart web."),
        (
            {"steps": [{"name": "Columns", "status": "done"}, {"name": "Fields", "status": "done", "detail": "3"}]},
            "  Fields: done, 3",
        ),
        (
            {"checks": [{"name": "Board", "status": "failed", "reason": "empty"}, {"name": "Ok", "status": "passed"}]},
            "Checks:\n  Board: failed: empty\n",
        ),
        ({"outcome": "dry_run"}, "Next: run the same command without --check."),
    ],
)
def test_what_else_the_text_says(facts: dict[str, Any], part: str) -> None:
    assert part in as_text(report(**facts))


def test_a_conflict_shows_both_sides_and_a_drop_what_it_destroys() -> None:
    conflict = {"name": "n", "type": "text", "status": "conflict", "found": {"kind": "regular", "type": "int"}}
    text = as_text(report(tables=[{**TABLE, "columns": [conflict]}]))
    assert "  ! n text: the table has int (regular)" in text
    values = {"found": {"note": 12}, "rows_read": 100, "complete": False}
    assert "  values in 100 rows read, and there are more rows: note 12" in as_text(
        report(tables=[{**TABLE, "values": values}])
    )


def test_the_record_survives_names_that_mean_something_in_markdown() -> None:
    text = as_markdown(report(user="a|b", remaining=["one\n```\n<img src=x> [link](x)"]))
    assert "| By | a\\|b |" in text
    # The text of the report is one block of code, which no text of it ends.
    assert "````text\nCluster Production" in text
    assert f"  {ALTER};" in text
    assert text.endswith("\n````\n")


class Page(HTMLParser):
    """The cells of the table, and whether every tag is closed by its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.cells[-1] += data


def test_the_page_of_a_fleet() -> None:
    steps = [{"name": "Columns", "status": "done"}, {"name": "Fields", "status": "failed"}]
    failed = report("failed", steps=steps, msg="<b>no</b> & never")
    page = Page(text := fleet_page({"eu <1>": report(steps=steps[:1]), "us": failed, "ap": None}, "Ship & go", "now"))
    assert page.open == []
    assert page.cells == [
        *("Cluster", "Outcome", "Columns", "Fields", "Seconds"),
        *("eu <1>", "complete", "done", "", "1.2"),
        *("us", "failed", "done", "failed", "1.2"),
        *("ap", "not started", "", "", ""),
    ]
    assert "<p>3 clusters: 1 complete, 1 failed, 1 not started. Finished now.</p>" in text
    assert "&lt;b&gt;no&lt;/b&gt; &amp; never" in text
    # It opens without a network: nothing is fetched from anywhere.
    assert (page.outside, "url(" in text, "@import" in text) == ([], False, False)


@pytest.mark.skipif(BROWSER is None, reason="Neither Chromium nor Chrome is here; the test above reads the page.")
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    statuses = ("Columns", "Model fields", "Services", "Smoke tests")
    steps = [{"name": name, "status": "not reached"} for name in statuses]
    failed = report("failed", steps=[{"name": "Columns", "status": "failed"}, *steps[1:]], msg="No.")
    waiting = report("waiting", steps=steps, remaining=["Restart web."])
    page = tmp_path / "page.html"
    page.write_text(fleet_page({"eu": report(steps=steps), "us": failed, "ap": waiting}) + LOOK)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900", f"--user-data-dir={tmp_path}"]
    shown = subprocess.run(
        [str(BROWSER), *options, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    found = re.search("<title>(.*)</title>", shown)
    assert found, shown
    assert json.loads(found[1]) == {
        "sideways": False,
        "unfolded": [
            "us: Applied: 1 column added, 0 dropped. Migration failed (1.2 s): columns.",
            "ap: Applied: 1 column added, 0 dropped. Migration waits for you: 1 thing to do (1.2 s).",
        ],
        "visible": [True],
        "fetched": 0,
    }


def test_two_addresses_of_one_cluster_are_told_by_its_nodes() -> None:
    one = {"cluster": {"nodes": NODES[:2]}, "tables": [TABLE]}
    other = {"cluster": {"nodes": NODES[1:]}, "tables": [TABLE]}
    assert "The hosts eu and us are the same Cassandra cluster (node h2)" in same_cluster("us", one, {"eu": other})
    assert same_cluster("us", one, {"eu": {**other, "tables": [{**TABLE, "table": "other"}]}}) == ""


def test_the_page_to_approve_says_what_is_approved() -> None:
    change = {
        "comment": "Add note to shop.orders",
        "unsafe": "",
        "cql": ALTER,
        "reverse": "ALTER TABLE shop.orders DROP note",
    }
    plan = {
        "cluster": {"name": "Production", "release_versions": ["5.0.9"], "host_ids": ["h1", "h2"]},
        "fingerprint": "sha256:1",
        "tables": [{"keyspace": "shop", "table": "orders", "changes": [change]}],
        "warnings": ["The views get it <b>too</b>."],
        "checked": ["All nodes answer."],
    }
    facts = {"user": "ann", "version": "1.0.0", "digest": "sha256:2", "finished_at": "2026-11-26", "cluster": CLUSTER}
    page = plan_as_markdown(
        plan, "Ship dates", {**facts, "not_checked": [{"check": "guardrails", "reason": "not shown"}]}
    )
    for words in (
        *("# Plan: Ship dates", "| Author | ann |", "| Collection | stellarmap.cassandra 1.0.0 |", "10.0.0.1 (h1), "),
        *(
            f"```sql\n{ALTER};\n```",
            "DROP note;",
            "## Data loss\n\n- None.",
            "- guardrails: not shown",
            "\\<b\\>too\\</b\\>",
        ),
    ):
        assert words in page, words
    lost = {**plan, "tables": [{**plan["tables"][0], "changes": [{**change, "unsafe": "Drops note."}]}]}  # type: ignore[dict-item]
    assert "## Data loss\n\n- Drops note." in plan_as_markdown(lost)


DESCRIBED = {
    "before_header": "shop.orders (before)",
    "after_header": "shop.orders (after)",
    "before": "CREATE TABLE shop.orders (\n    id int\n) WITH comment = '<b>\n```\n+ \x1b[31m';",
    "after": "CREATE TABLE shop.orders (\n    id int,\n    note text\n) WITH comment = '<b>\n```\n+ \x1b[31m';",
}


def test_the_pages_show_the_schema_before_and_after() -> None:
    whole = [
        *("--- shop.orders (before)", "+++ shop.orders (after)", "@@ -1,5 +1,6 @@"),
        *(" CREATE TABLE shop.orders (", "-    id int", "+    id int,", "+    note text"),
        *(" ) WITH comment = '<b>", " ```", " + \\x1b[31m';"),
    ]
    text = "\n".join(whole)
    plan = {
        "cluster": {"name": "Production", "release_versions": ["5.0.9"]},
        "fingerprint": "sha256:1",
        "tables": [],
        "described": [DESCRIBED],
    }
    for page in (as_markdown(report(described=[DESCRIBED])), plan_as_markdown(plan)):
        assert f"## The schema before and after\n\n````diff\n{text}\n````\n" in page
    html = fleet_page({"eu": report(described=[DESCRIBED])})
    assert f"<summary>The schema before and after</summary><pre>{escape(text)}</pre></details>" in html
    assert Page(html).open == []
    nothing = as_markdown(report()) + plan_as_markdown({**plan, "described": []}) + fleet_page({"eu": report()})
    assert "before and after" not in nothing


def test_a_dry_run_says_where_it_would_send_and_not_that_it_failed() -> None:
    wanted: dict[str, Any] = {"files": [], "posts": [{"number": 0, "body": {}}]}
    told = notice(wanted, {}, [{"url": "https://chat.example/s3cret"}], True)
    assert told["channels"] == [
        {"name": "webhook", "type": "webhook", "status": "would_send", "detail": "chat.example"}
    ]
    assert told["text"] == "webhook: would send (chat.example)"
