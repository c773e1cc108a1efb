# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module without a session in the controller's process: its result, its warnings, its secrets, and what it refuses."""

from __future__ import annotations

from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._module import LocalJob
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._in_process import run_here

OPTIONS = {"word": {"type": "str", "required": True}, "items": {"type": "list", "elements": "int", "default": [1]}}


def work(params: dict[str, Any], check_mode: bool, api: Any) -> dict[str, Any]:
    api.no_log_values = {"s3cret"}
    api.warn("It is late.")
    if params["word"] == "wrong":
        raise InvalidInput("The s3cret is wrong.", hint="Take another.")
    return {"changed": not check_mode, "said": f"{params['word']} s3cret", "items": params["items"]}


def run(check_mode: bool = False, shown: bool = True, **args: Any) -> Any:
    return run_here(LocalJob(OPTIONS, work), check_mode, args, shown)


def test_the_result_is_that_of_the_module() -> None:
    shown = {"changed": True, "said": "a ********", "items": [1], "warnings": ["It is late."]}
    assert run(word="a") == {**shown, "invocation": {"module_args": {"word": "a", "items": [1]}}}
    assert run(word="a", shown=False) == shown
    assert run(check_mode=True, word="a")["changed"] is False


def test_a_failure_has_its_kind_and_no_secret() -> None:
    result = run(word="wrong")
    assert (result["failed"], result["failure"], result["hint"]) == (True, "invalid_input", "Take another.")
    assert result["msg"] == "The ******** is wrong."


def test_what_the_options_refuse_is_left_to_the_module() -> None:
    for args in ({}, {"word": "a", "items": ["x"]}, {"word": "a", "nope": 1}):
        assert run(**args) == "the module says what is wrong with its options"
