# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(http_check): the options of a task, the checks, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import isfile
from typing import Any

from .._errors import ChecksFailed, InvalidInput
from .._runner import ModuleApi
from .check import Check, read_check
from .outcome import failure_of, summary
from .send import Patience, send_checks
from .target import redacted

_FILES = ("ca_path", "client_cert", "client_key")


def run_checks(params: dict[str, Any], _check_mode: bool, module: ModuleApi) -> dict[str, Any]:
    """The module's result; raises InvalidInput before anything is sent, or ChecksFailed after everything was."""
    try:
        patience = _read_patience(params)
        checks = _read_checks(params)
    finally:
        _keep_secrets(params, module)
    module.no_log_values.update(secret for check in checks for secret in check.target.secrets)
    options: dict[str, Any] = {name: params[name] or None for name in _FILES}
    options.update(validate_certs=params["validate_certs"], use_proxy=params["use_proxy"])
    entries = send_checks(checks, options, patience)
    if failure_of(entries):
        raise ChecksFailed(failure_of(entries), checks=entries)
    return {"changed": False, "checks": entries, "msg": summary(entries)}


def _read_checks(params: Mapping[str, Any]) -> list[Check]:
    for name in _FILES:
        if params[name] and not isfile(params[name]):
            raise InvalidInput(f"{name} names no file on this host: {params[name]}.")
    return [read_check(entry, params["base_url"], params["headers"]) for entry in params["checks"] or ()]


def _read_patience(params: Mapping[str, Any]) -> Patience:
    patience = Patience(params["timeout"], params["retries"], params["delay"], params["deadline"])
    if patience.timeout <= 0 or patience.deadline <= 0 or patience.delay < 0 or patience.retries < 0:
        raise InvalidInput("timeout and deadline are more than 0 seconds, and delay and retries are not less than 0.")
    return patience


def _keep_secrets(params: dict[str, Any], module: ModuleApi) -> None:
    """Take the secrets out of what Ansible shows as invocation, and only them out of the result.

    Addresses and headers are marked as secrets in the options, so that no log of the host has them. As a whole they are
    none: without this, a header with the value 1 would replace each 1 of the result.
    """
    module.no_log_values.clear()
    params["base_url"] = redacted(params["base_url"])
    params["headers"] = dict.fromkeys(params["headers"], "***")
    for entry in params["checks"] or ():
        entry["url"] = redacted(str(entry["url"]))
        entry["headers"] = dict.fromkeys(entry["headers"] or (), "***")
