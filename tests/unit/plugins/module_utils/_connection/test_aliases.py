# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of options that other collections use mean the same here."""

from __future__ import annotations

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.stellarmap.cassandra.plugins.doc_fragments._connection import ModuleDocFragment
from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.options import connection_options
from ansible_collections.stellarmap.cassandra.plugins.modules import cassandra_query_info

ALIASES = {
    "login_host": ["contact_points"],
    "ssl_ca_certs": ["ca_cert", "ca_path"],
    "ssl_certfile": ["client_cert"],
    "ssl_keyfile": ["client_key"],
    "ssl_validate_certs": ["validate_certs"],
}
OF_A_QUERY = {"consistency": ["consistency_level"]}


def aliases(options: dict[str, dict[str, object]]) -> dict[str, object]:
    return {name: option["aliases"] for name, option in options.items() if "aliases" in option}


def test_they_are_documented_and_accepted() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert aliases(connection_options()) == aliases(documented) == ALIASES
    documented = yaml.safe_load(cassandra_query_info.DOCUMENTATION)["options"]
    assert aliases(dict(cassandra_query_info.JOB.options)) == aliases(documented) == OF_A_QUERY


@pytest.mark.parametrize(
    ("name", "alias"), [(name, alias) for name, names in {**ALIASES, **OF_A_QUERY}.items() for alias in names]
)
def test_a_value_reaches_the_option(name: str, alias: str) -> None:
    value = {"login_host": ["db1"], "ssl_validate_certs": False, "consistency": "ONE"}.get(name, "/srv/x.pem")
    spec = cassandra_query_info.JOB.arguments()["argument_spec"]
    given = {"query": "SELECT id FROM k.t", alias: value}
    assert ArgumentSpecValidator(spec).validate(given).validated_parameters[name] == value
