# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is looked at on the host of the application before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration.look import Look, judge, looks

MODEL = {"path": "models.py", "class_name": "Order", "fields": ["note"], "backup": True}
HEALTH, PAGE = {"name": "Health", "url": "/health/"}, {"name": "Page", "url": "/"}
CANARY = {"url": "http://127.0.0.1:8001/count/", "count": "total", "row": {}}
ROLES: dict[str, Any] = {
    "services": {"list": [{"name": "web"}], "watch": None},
    "model_fields": {"list": [MODEL, {**MODEL, "class_name": "Basket"}]},
    "smoke_tests": {"http": [HEALTH, PAGE], "base_url": "http://127.0.0.1:8000", "canary": CANARY},
}


def found(mode: str, *steps: str, **tests: Any) -> list[Look]:
    roles = {**ROLES, "smoke_tests": {**ROLES["smoke_tests"], **tests}}
    return list(looks({"mode": mode, "steps": steps, "roles": roles}))


def test_services_are_tried_and_models_read_as_the_step_will_leave_them() -> None:
    services, one, other = found("migrate", "model_fields", "services", "smoke_tests")
    assert services == Look("services", "app_service", {"services": [{"name": "web"}], "try_only": True})
    assert (one.arguments["state"], other.arguments["class_name"]) == ("enabled", "Basket")
    assert "backup" not in one.arguments
    assert one.arguments["try_only"]
    assert found("rollback", "model_fields")[0].arguments["state"] == "disabled"


def asked(*looks: Look) -> list[str]:
    return [check["name"] for look in looks for check in look.arguments["checks"]]


def test_an_application_that_nothing_restarts_has_to_answer() -> None:
    assert asked(*found("migrate", "smoke_tests")) == ["Health", "Canary"]
    assert asked(*found("migrate", "smoke_tests", canary={**CANARY, "enabled": False})) == ["Health"]
    assert found("migrate", "smoke_tests", canary={}, http=[]) == []
    assert found("verify", "smoke_tests") == []


@pytest.mark.parametrize(("status", "failure"), [(200, None), (500, None), (0, "checks_failed")])
def test_any_answer_will_do(status: int, failure: str | None) -> None:
    checks = [{"name": "Canary", "reason": "refused", "facts": {"http_status": status}}]
    result = judge(
        Look("smoke_tests", "http_check", {}), {"failed": True, "failure": "checks_failed", "checks": checks}
    )
    assert (result.get("failure"), result["step"]) == (failure, "smoke_tests")
    assert ("Canary: refused" in result.get("msg", "")) is bool(failure)
