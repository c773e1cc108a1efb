# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is looked at on the host of the application before anything is changed: whatever its steps need has to be there; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .checks import canary_checks
from .prepare import try_arguments

# Options of http_check that say how to send.
_SENDING = ("base_url", "headers", "validate_certs", "ca_path", "client_cert", "client_key", "use_proxy")


class Look(NamedTuple):
    """The step that needs something, and the module that finds out whether it is there."""

    step: str
    module: str
    arguments: dict[str, Any]


def looks(definition: Mapping[str, Any]) -> Iterator[Look]:
    """The looks of a run in their order; each module only reads."""
    steps, roles = definition["steps"], definition["roles"]
    if "services" in steps:
        yield Look("services", "app_service", try_arguments(roles["services"]))
    if "model_fields" in steps:
        state = "disabled" if definition["mode"] == "rollback" else "enabled"
        for model in roles["model_fields"]["list"]:
            yield Look("model_fields", "model_fields", {**_model(model), "state": state, "try_only": True})
    # A service that is about to be restarted may be the one that does not answer yet.
    if "smoke_tests" in steps and not {"services", "hosts"} & set(steps) and definition["mode"] == "migrate":
        yield from _answers(roles["smoke_tests"])


def judge(look: Look, result: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a look; of an application any answer will do, and that it answers."""
    if look.module != "http_check" or "checks" not in result:
        return {**result, "step": look.step}
    silent = [one for one in result["checks"] if not one["facts"]["http_status"]]
    if not silent:
        return {"changed": False, "step": look.step}
    reasons = "; ".join(f"{one['name']}: {one['reason']}" for one in silent)
    message = f"The application does not answer. {reasons}"
    return {"failed": True, "failure": "checks_failed", "msg": message, "step": look.step}


def _model(model: Mapping[str, Any]) -> dict[str, Any]:
    return {name: model[name] for name in ("path", "class_name", "fields")}


def _answers(tests: Mapping[str, Any]) -> Iterator[Look]:
    entries = [*(tests.get("http") or [])[:1], *canary_checks(tests)]
    if entries:
        names = ("name", "url", "headers", "method")
        checks = [
            {**{name: one[name] for name in names if one.get(name)}, "status": list(range(100, 600))} for one in entries
        ]
        sending = {name: tests[name] for name in _SENDING if tests.get(name) is not None}
        yield Look("smoke_tests", "http_check", {**sending, "checks": checks, "retries": 0})
