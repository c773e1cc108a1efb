# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that are units of systemd: a real one of the user's, in a mount namespace with a machine of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import reasons, statuses

MACHINE = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
export XDG_RUNTIME_DIR=/run/user/0 HOME={home} SYSTEMD_LOG_TARGET=null
unset DBUS_SESSION_BUS_ADDRESS
/lib/systemd/systemd --user &
trap "kill $!; wait $! || true" EXIT
# Before it is there, what is started is stopped again by the start of the machine itself.
for _ in $(seq 300); do systemctl --user is-active --quiet default.target 2>/dev/null && break; sleep 0.1; done
systemctl --user start web.service
"$@"
"""
UNIT = "[Service]\nExecStart=/bin/sh -c 'sleep 600'\n"
BROKEN = "[Service]\nExecStart=/bin/sh -c 'echo no such column; exit 3'\n"

FOREVER = (
    "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c 'exit 3'\nRestart=always\nRestartSec=200ms\n"
)
LIMITED = (
    "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=1\n"
    "[Service]\nExecStart=/bin/sh -c 'test -f {home}/fixed && exec sleep 600'\n"
)
QUIET = "[Service]\nExecStart=/bin/true\n"


def _has_systemd() -> bool:
    tools = all(shutil.which(name) for name in ("systemctl", "unshare")) and Path("/lib/systemd/systemd").exists()
    return tools and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not _has_systemd(), reason="needs systemd, and the right to a mount namespace")


@pytest.fixture
def machine(tmp_path: Path) -> tuple[str, ...]:
    """The words which run a command beside a systemd of its own."""
    units = tmp_path / "home/.config/systemd/user"
    units.mkdir(parents=True)
    limited = LIMITED.format(home=tmp_path / "home")
    texts = {"web": UNIT, "broken": BROKEN, "forever": FOREVER, "limited": limited, "quiet": QUIET}
    for name, text in texts.items():
        # Two such machines at once share the tree of cgroups, where the end of one would kill the units of the other.
        (units / f"{name}.service").write_text(f"{text}Slice=test{os.getpid()}.slice\n")
    script = tmp_path / "machine.sh"
    script.write_text(MACHINE.format(home=tmp_path / "home"))
    return ("unshare", "--mount", "bash", str(script))


def _unit(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "manager": "systemd", "unit": f"{name}.service", "scope": "user", "timeout": 10, **more}


def test_life_of_a_unit(play, machine, tmp_path):
    """Left alone, restarted when asked, predicted in check mode."""
    code = tmp_path / "code"
    code.write_text("old")
    web = _unit("web", ready={"stable_for": 0.2})
    quiet = play([web], watch=[str(code)], before=machine)
    assert (quiet.code, quiet.changed, quiet.result["services"][0]["proven"]) == (0, 0, True), quiet.output

    asked = play([web], restart=True, before=machine)
    assert asked.code == 0, asked.output
    assert statuses(asked.result) == {"web": "restarted"}

    check = play([web], "--check", restart=True, before=machine)
    assert statuses(check.result) == {"web": "would_restart"}


def test_newer_code_and_a_broken_unit(play, machine, tmp_path):
    """A unit that was started before its code changed is restarted; one that fails shows what systemd says."""
    code = tmp_path / "code"
    script = Path(machine[-1])
    script.write_text(script.read_text().replace('"$@"', f'sleep 0.2; echo new > {code}\n"$@"'))
    code.write_text("old")
    failed = play([_unit("web"), _unit("broken")], watch=[str(code)], before=machine)
    assert failed.code != 0
    assert statuses(failed.result) == {"web": "restarted", "broken": "failed"}, failed.output
    assert reasons(failed.result)["web"] == f"its process is older than {code}"
    assert failed.result["failure"] == "restart_failed"
    assert "broken ended: systemd says: failed (failed), result: exit-code" in failed.result["msg"]


def test_units_that_cannot_be_started(play, machine, tmp_path):
    """A unit that is unknown, and one whose program is gone: nothing is stopped for it."""
    unknown = play([_unit("nobody")], before=machine)
    assert unknown.code != 0
    assert unknown.result["failure"] == "service_unknown"
    assert "nobody: systemd has no usable unit nobody.service: it is not-found" in unknown.result["msg"]
    (tmp_path / "home/.config/systemd/user/gone.service").write_text("[Service]\nExecStart=/nowhere/program\n")
    gone = play([_unit("web"), _unit("gone")], restart=True, before=machine)
    assert gone.code != 0
    assert statuses(gone.result) == {"web": "not_reached", "gone": "failed"}
    assert "/nowhere/program is no program that can be executed" in gone.result["msg"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # systemctl restart says nothing of all this, and ends with status 0.
        ("forever", r"forever did not (come back|stay up)"),
        # Whoever looks soon enough sees it run.
        (
            "quiet",
            r"quiet (ended|did not stay up: it ran, and ended within [\d.]+ s): systemd says: inactive \(dead\), result: success",
        ),
    ],
)
def test_an_exit_status_of_0_is_no_restart(play, machine, name, said):
    """A program that ends at once, and one that is started again for ever."""
    failed = play([_unit(name, timeout=4)], before=machine)
    assert failed.code != 0, failed.output
    assert failed.result["failure"] in ("restart_failed", "not_stable")
    assert re.match(said, failed.result["msg"])


def test_a_unit_that_failed_too_often_is_started_again(play, machine, tmp_path):
    """Its count of starts is reset first."""
    script = Path(machine[-1])
    failing = "for _ in 1 2 3; do systemctl --user start limited.service || true; sleep 0.2; done 2>/dev/null\n"
    refused = (
        f"touch {tmp_path}/home/fixed\nsystemctl --user start limited.service || echo refused > {tmp_path}/result\n"
    )
    script.write_text(script.read_text().replace('"$@"', f'{failing}{refused}"$@"'))
    done = play([_unit("limited", ready={"stable_for": 0.2})], before=machine)
    assert (tmp_path / "result").read_text() == "refused\n"
    assert (done.code, statuses(done.result)) == (0, {"limited": "restarted"}), done.output
