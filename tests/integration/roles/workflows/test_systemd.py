# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows which are units of systemd: a real one of the user's, in a mount namespace where it finds a machine of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MACHINE = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
export XDG_RUNTIME_DIR=/run/user/0 HOME={home} SYSTEMD_LOG_TARGET=null
unset DBUS_SESSION_BUS_ADDRESS
/lib/systemd/systemd --user &
trap "kill $!; wait $! || true" EXIT
for _ in $(seq 100); do systemctl --user show --property=Version >/dev/null 2>&1 && break; sleep 0.1; done
systemctl --user start web.service
"$@"
"""
UNIT = "[Service]\nExecStart=/bin/sh -c 'sleep 600'\n"
BROKEN = "[Service]\nExecStart=/bin/sh -c 'echo no such column; exit 3'\n"
ONCE = "[Service]\nType=oneshot\nExecStart=/bin/sleep 30\n"


def _has_systemd() -> bool:
    tools = all(shutil.which(name) for name in ("systemctl", "unshare")) and Path("/lib/systemd/systemd").exists()
    return tools and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not _has_systemd(), reason="needs systemd, and the right to a mount namespace")


@pytest.fixture
def machine(tmp_path: Path) -> tuple[str, ...]:
    """The words which run a command beside a systemd of its own."""
    units = tmp_path / "home/.config/systemd/user"
    units.mkdir(parents=True)
    for name, text in {"web": UNIT, "broken": BROKEN, "once": ONCE}.items():
        (units / f"{name}.service").write_text(text)
    script = tmp_path / "machine.sh"
    script.write_text(MACHINE.format(home=tmp_path / "home"))
    return ("unshare", "--mount", "bash", str(script))


def _unit(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "manager": "systemd", "unit": f"{name}.service", "scope": "user", "timeout": 10, **more}


def test_life_of_a_unit(play_role, machine, tmp_path):
    """Restarted when asked or when its code is newer, left alone otherwise; a one-shot unit is not waited for."""
    code = tmp_path / "code"
    code.write_text("old")
    variables = {"workflows_list": [_unit("web", up={"stable_for": 0.2})], "workflows_watch": [str(code)]}
    quiet = play_role("workflows", variables, before=machine)
    assert (quiet.code, quiet.changed) == (0, 0), quiet.output

    once = _unit("once", one_shot=True, timeout=5)
    asked = play_role(
        "workflows", {"workflows_list": [*variables["workflows_list"], once], "workflows_restart": True}, before=machine
    )
    assert asked.code == 0, asked.output
    assert [one["status"] for one in asked.result["workflows"]] == ["restarted", "restarted"]
    assert asked.result["workflows"][0]["commands"] == [["systemctl", "--user", "restart", "web.service"]]

    check = play_role("workflows", {**variables, "workflows_restart": True}, "--check", before=machine)
    assert [one["status"] for one in check.result["workflows"]] == ["would_restart"]
    assert "A real run would fail" not in check.output


def test_newer_code(play_role, machine, tmp_path):
    """A unit which was started before its code changed is restarted."""
    code = tmp_path / "code"
    changes = Path(machine[-1])
    changes.write_text(changes.read_text().replace('"$@"', f'sleep 0.2; echo new > {code}\n"$@"'))
    code.write_text("old")
    played = play_role("workflows", {"workflows_list": [_unit("web")], "workflows_watch": [str(code)]}, before=machine)
    assert played.code == 0, played.output
    assert played.result["workflows"][0]["reason"] == f"it runs since before {code} changed"
    assert played.result["workflows"][0]["status"] == "restarted"


def test_broken_and_unknown_units(play_role, machine):
    """A unit which fails, and one which does not exist."""
    failed = play_role("workflows", {"workflows_list": [_unit("broken")]}, before=machine)
    assert failed.code != 0
    assert failed.result["failure"] == "workflow_not_back"
    assert "systemd says: failed (failed), result: exit-code" in failed.result["msg"]
    unknown = play_role("workflows", {"workflows_list": [_unit("nobody")]}, before=machine)
    assert unknown.code != 0
    assert unknown.result["failure"] == "workflow_unknown"
    assert "no usable unit nobody.service for nobody: it is not-found" in unknown.result["msg"]
