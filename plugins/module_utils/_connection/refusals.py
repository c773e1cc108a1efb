# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server means by refusing a change: whether it may take it later, and what to do; pure.

Words of Cassandra 6.0 are measured on 6.0-alpha2. Those of ScyllaDB are from its source. Those of Amazon Keyspaces are in no
document: whatever speaks of a limit or of a change under way counts.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a refusal means, as a sentence with what to do; C(attempts) is how often it is worth to try in all.

    If it C(may_come), the server has only stopped to wait for the change: it can be made later (6.0-alpha2, measured).
    """

    words: re.Pattern[str]
    sentence: str
    attempts: int = 1
    may_come: bool = False


def _meaning(words: str, sentence: str, attempts: int = 1, may_come: bool = False) -> Meaning:
    return Meaning(re.compile(words, re.IGNORECASE), sentence, attempts, may_come)


_MEANINGS = (
    _meaning(
        "running in gossip mode",
        "The nodes run Cassandra 6.0 and still keep the schema as 5.0 did, and in this state it cannot be changed. Finish the "
        "upgrade of all nodes, run 'nodetool cms initialize' on one of them, and run this again",
    ),
    # The same words stand for a metadata service that is down and for one that is busy: each attempt takes 10 s.
    _meaning(
        r"GivingUpException|TCM_\w+_REQ",
        "The cluster metadata service of Cassandra 6.0 did not take the change in time. 'nodetool cms describe' lists "
        "its members: start those that are down. If all of them run, others change the schema at the same time: run this again",
        attempts=2,
        may_come=True,
    ),
    _meaning(
        r"could not perform commit|CasWriteTimeout|CAS operation timed out|no quorum|CMS.*(quorum|unavailable)",
        "The cluster metadata service of Cassandra 6.0 could not agree on the change: a majority of its members must run, and "
        "others may change the schema at the same time. 'nodetool cms describe' lists its members: start those that are down, "
        "and run this again",
        attempts=3,
        may_come=True,
    ),
    # service/raft/raft_group0_client.cc of ScyllaDB: group0_concurrent_modification.
    _meaning(
        "concurrent modification",
        "Others change the schema at the same time. Run this again",
        attempts=6,
    ),
)
_BUSY = _meaning(
    r"concurren|limit|exceed|too many|throttl|in progress|being (updated|altered|created|modified|changed)|updating|not active|"
    r"try again|retry|busy|already exists|conflict|in use|pending",
    "The service takes only so many changes of schemas at a time, or the last change of this table is not finished. Run this "
    "again later, or raise schema_agreement_timeout",
    attempts=0,
)


def find_meaning(words: str, is_asynchronous: bool = False) -> Meaning | None:
    """What the words of a server mean, if they mean more than no; C(attempts) of 0: until the time is over."""
    known = next((meaning for meaning in _MEANINGS if meaning.words.search(words)), None)
    return known or (_BUSY if is_asynchronous and _BUSY.words.search(words) else None)


def explain_refusal(meaning: Meaning, words: str) -> str:
    """The sentence for a person, with the server's words at its end."""
    return f"{meaning.sentence} (the server: {words.rpartition('ServerError: ')[2]})."


def is_worth_another(meaning: Meaning | None, attempt: int) -> bool:
    """Whether the change is to be sent again after so many attempts."""
    return meaning is not None and (not meaning.attempts or attempt < meaning.attempts)
