# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stellarmap.cassandra.plugins.module_utils._connection.refusals import (
    explain_refusal,
    find_meaning,
    is_worth_another,
)

# Cassandra 6.0-alpha2, a ring of three whose first node is the metadata service: that node stopped (measured).
GIVING_UP = (
    "java.util.concurrent.ExecutionException: org.apache.cassandra.net.MessageDelivery$GivingUpException: Could not succeed "
    "sending TCM_COMMIT_REQ to CandidateIterator{candidates=[/127.64.4.1:7000], checkLive=true}; policy "
    "Retry{remainingMs=0, attempts=2} exhausted attempts"
)
NOT_COMMITTED = "Could not perform commit after 6 attempts. Time remaining: 0ms"
GOSSIP = "Can't commit transformations when running in gossip mode. Consider running `nodetool cms initialize`."
RAFT = "Failed to apply group 0 change due to concurrent modification"


@pytest.mark.parametrize(
    ("words", "asynchronous", "part", "attempts"),
    [
        (GOSSIP, False, "nodetool cms initialize", 1),
        (GIVING_UP, False, "start those that are down", 2),
        (NOT_COMMITTED, False, "a majority of its members must run", 3),
        (RAFT, False, "Others change the schema at the same time", 6),
        ("Too many concurrent schema changes.", True, "only so many changes", 0),
        ("Cannot alter the table while it is being updated.", True, "only so many changes", 0),
        ("Column with name 'a' already exists", True, "only so many changes", 0),
    ],
)
def test_what_a_refusal_means(words: str, asynchronous: bool, part: str, attempts: int) -> None:
    meaning = find_meaning(words, asynchronous)
    assert meaning
    sentence = explain_refusal(meaning, words)
    assert part in sentence
    assert sentence.endswith(f"(the server: {words}).")
    assert meaning.attempts == attempts
    assert is_worth_another(meaning, 1) is (attempts != 1)
    assert is_worth_another(meaning, attempts or 100) is (attempts == 0)


@pytest.mark.parametrize("words", ["Column with name 'a' already exists", "Too many columns", "Unknown type k.foo"])
def test_a_refusal_for_good(words: str) -> None:
    assert find_meaning(words) is None
    assert is_worth_another(None, 1) is False
