# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts a playbook takes, as far as the inventory and --limit leave them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.stellarmap.cassandra.plugins.lookup.playbook_hosts import LookupModule
from ansible_collections.stellarmap.cassandra.plugins.module_utils._errors import InvalidInput

GROUPS = {"all": ["eu1", "eu2", "us1"], "eu": ["eu1", "eu2"]}


@pytest.mark.parametrize(
    ("playbook", "pattern", "limit", "said"),
    [
        ("fleet", "all", None, None),
        ("fleet", "eu", "eu2", None),
        ("migrate", "eu", "eu2", None),
        ("migrate", "eu", None, "2 hosts, and the playbook migrate works for one"),
        ("fleet", "eu", "us1", "--limit us1 leaves no host of"),
        ("fleet", "nowhere", None, "no host of the inventory matches nowhere"),
    ],
)
def test_the_hosts_of_a_playbook(playbook: str, pattern: str, limit: str | None, said: str | None) -> None:
    known: dict[str, Any] = {"groups": GROUPS, "ansible_limit": limit}
    lookup = LookupModule(loader=DataLoader())
    if said is None:
        lookup._check_hosts(playbook, pattern, known)
        return
    with pytest.raises(InvalidInput) as refused:
        lookup._check_hosts(playbook, pattern, known)
    assert said in refused.value.message
