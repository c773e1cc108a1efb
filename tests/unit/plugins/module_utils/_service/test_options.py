# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of services, and their documentation."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput
from ansible_collections.stellarmap.cassandra.plugins.module_utils._service.options import (
    OPTIONS,
    SERVICE_OPTIONS,
    Ready,
    Service,
    read_request,
)

REPOSITORY = Path(__file__).resolve().parents[5]
BY_HAND = {"name": "Web", "manager": "manual"}
COMPOSE = {"name": "Web", "manager": "docker_compose", "service": "web", "project_dir": "/srv"}
JOB = {"name": "Job", "manager": "command", "argv": ["job"]}


def request(items, **more):
    defaults = {name: option.get("default") for name, option in OPTIONS.items()}
    return read_request({**defaults, "services": items, **more})


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([BY_HAND, BY_HAND], "more than one is called: Web"),
        ([{"name": "A", "manager": "command"}], "A: the manager command needs argv."),
        ([{"name": "A", "manager": "command", "reload": True}], "A: the manager command needs argv."),
        ([{"name": "A", "manager": "docker_compose"}], "needs service and project_dir"),
        ([{**COMPOSE, "reload": True}], "reload is for a program that keeps running"),
        ([{**BY_HAND, "reload": True}], "reload is for a program that keeps running"),
        ([{**JOB, "ready": {"url": "ftp://web/"}}], "Job: its url is not an http or https address"),
        ([{**JOB, "timeout": 0}], "timeout and log_lines are more than 0"),
        ([{**BY_HAND, "name": "a\nb"}], "The name of a service is one line of text"),
        ([{**BY_HAND, "name": " "}], "The name of a service is one line of text"),
    ],
)
def test_descriptions_that_cannot_be_right(items, said):
    with pytest.raises(InvalidInput, match=said):
        request(items)


def test_what_is_completed():
    (service,) = request(
        [{**BY_HAND, "chdir": "/srv/shop", "pid_file": "run/web.pid", "watch": ["/b"]}], watch=["/a", "/b"]
    ).services
    assert (service.pid_file, service.watch, service.key) == ("/srv/shop/run/web.pid", ("/a", "/b"), "Web /a /b")
    assert request([], changes={"column": "1970-01-01T00:10:00.500+00:00"}).changes == {"column": 600.5}
    with pytest.raises(InvalidInput, match=r"A time of changes is not like"):
        request([], changes={"column": "yesterday"})
    with pytest.raises(InvalidInput, match="act names B, which is no service"):
        request([BY_HAND], act="B")


NAMES = ["Web", "'Nightly'", "a, b", '"q"', "[x]"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        # Any name works. What the command line gives as text is split at its commas by Ansible.
        (NAMES, NAMES),
        (["Web", " 'Nightly'"], ["Web", "'Nightly'"]),
        ([""], []),
    ],
)
def test_names_that_are_confirmed(given, names):
    assert request([{**BY_HAND, "name": name} for name in NAMES], confirmed=given).confirmed == names


def test_a_name_that_nothing_has():
    with pytest.raises(InvalidInput, match=r"services_confirmed names B, which is no service. The services are: Web."):
        request([BY_HAND], confirmed=["B"])


def test_the_role_and_the_documentation_have_the_same_options_and_defaults():
    spec = yaml.safe_load((REPOSITORY / "roles/services/meta/argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]
    only_here = {"try_only", "act", "earlier", "services"}
    assert {name.removeprefix("services_") for name in options} == {*OPTIONS, "list"} - only_here
    source = (REPOSITORY / "plugins/modules/app_service.py").read_text()
    documented = yaml.safe_load(source.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]
    _same(documented["services"]["suboptions"], SERVICE_OPTIONS)
    assert {field.name for field in fields(Service)} == set(SERVICE_OPTIONS)
    assert {field.name for field in fields(Ready)} == set(SERVICE_OPTIONS["ready"]["options"])


def _same(documented, options):
    assert set(documented) == set(options)
    for name, option in options.items():
        shown = dict(documented[name])
        _same(shown.pop("suboptions", {}), option.get("options", {}))
        assert {key: value for key, value in shown.items() if key != "description"} == {
            key: value for key, value in option.items() if key not in ("options", "no_log")
        }, name
