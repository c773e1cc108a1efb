# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that a person restarts: by hand is not done until somebody says so, or a process shows it."""

from __future__ import annotations

import subprocess

from .conftest import reasons, statuses


def test_it_waits_until_somebody_confirms_it(play, code, tmp_path):
    """The rerun says the same; a confirmation is kept, and counts until the next change."""
    loader = {"name": "Loader", "manager": "systemd", "unit": "loader.service", "enabled": False}
    store = {"name": "Storefront", "manager": "manual", "instructions": "Press Restart in the console"}
    watched = {"watch": [str(code)]}
    first = play([loader, store], changed=True, **watched)
    assert (first.code, first.changed) == (0, 0), first.output
    assert statuses(first.result) == {"Loader": "skipped", "Storefront": "waiting"}
    confirm = """Confirm it with -e '{"services_confirmed": ["Storefront"]}'."""
    left = [{"name": "Storefront", "instructions": "Press Restart in the console.", "confirm": confirm}]
    assert first.result["remaining"] == left
    for options in ((), ("--check", "-e", "services_confirmed=Storefront")):
        again = play([loader, store], *options, **watched)
        assert statuses(again.result)["Storefront"] == ("confirmed" if options else "waiting"), again.output

    assert not (tmp_path / "kept").exists()
    confirmed = play([loader, store], "-e", '{"services_confirmed": ["Storefront"]}', **watched)
    assert (statuses(confirmed.result)["Storefront"], confirmed.result["remaining"]) == ("confirmed", [])
    assert statuses(play([loader, store], **watched).result)["Storefront"] == "confirmed"
    code.write_text("new")
    newer = play([loader, store], **watched)
    assert reasons(newer.result)["Storefront"] == f"its process is older than {code}"
    assert newer.result["remaining"] == left


def test_a_change_that_no_file_shows_is_still_owed_by_the_next_run(play):
    """A new column restarts nothing by itself: only the run that added it knows."""
    store = {"name": "Storefront", "manager": "manual"}
    assert statuses(play([store]).result) == {"Storefront": "unchanged"}
    assert statuses(play([store], changed=True).result) == {"Storefront": "waiting"}
    again = play([store])
    assert statuses(again.result) == {"Storefront": "waiting"}
    assert "nobody knows whether its process is newer than the change of " in reasons(again.result)["Storefront"]
    assert again.result["remaining"][0]["instructions"] == "Restart Storefront."


def test_a_process_shows_it(play, code, tmp_path):
    """A process that is older contradicts a confirmation; a newer one needs none."""
    pid_file = tmp_path / "store.pid"
    store = {"name": "Storefront", "manager": "manual", "pid_file": str(pid_file)}
    old = subprocess.Popen(["sleep", "600"])
    pid_file.write_text(f"{old.pid}\n")
    code.write_text("new")
    doubted = play([store], watch=[str(code)], confirmed=["Storefront"])
    assert statuses(doubted.result) == {"Storefront": "waiting"}
    assert reasons(doubted.result)["Storefront"] == f"it was confirmed, but its process is older than {code}"
    assert "or run the play again once its pid_file names the new process" in doubted.result["remaining"][0]["confirm"]
    old.kill()
    old.wait()
    new = subprocess.Popen(["sleep", "600"])
    try:
        pid_file.write_text(f"{new.pid}\n")
        seen = play([store], watch=[str(code)])
        assert (statuses(seen.result), seen.result["remaining"]) == ({"Storefront": "unchanged"}, [])
        assert seen.result["services"][0]["proven"]
    finally:
        new.kill()
        new.wait()
