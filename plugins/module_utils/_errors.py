# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one tree of failures: each says what is wrong, what to do, and carries facts for the result; imports nothing of ours."""

from __future__ import annotations

from typing import Any

_LONGEST = 6000
_HEAD, _TAIL = 4000, 1000


def sentence(text: str) -> str:
    """The text with a mark at its end, so that another sentence can follow."""
    ended = text.rstrip()
    return ended if ended.endswith((".", "!", "?")) else f"{ended}."


class Failure(Exception):
    """A failure with a sentence for the user; C(kind) names it for machines, C(facts) go into the module's result."""

    kind = "failure"

    def __init__(self, message: str, **facts: Any) -> None:
        # What was given may be of any length, and a sentence has to be read by a person: its ends say the most.
        self.message = message if len(message) <= _LONGEST else f"{message[:_HEAD]} [...] {message[-_TAIL:]}"
        super().__init__(self.message)
        self.facts = facts


class InvalidInput(Failure):
    """An option that cannot be right on any server; raised before a connection is opened."""

    kind = "invalid_input"


class MissingDriver(Failure):
    """The Python driver, or a plug-in of it, is not installed, too old or cannot run."""

    kind = "missing_driver"


class ConnectionFailed(Failure):
    """No session could be opened; C(facts["attempts"]) maps each address to its reason."""

    kind = "not_reachable"


class AuthenticationRefused(ConnectionFailed):
    """The server rejected the credentials."""

    kind = "not_authenticated"


class NotAuthorized(Failure):
    """The role may not do this; the message names the GRANT that would allow it."""

    kind = "not_authorized"


class KeyspaceMissing(Failure):
    """The keyspace does not exist; C(facts["available"]) lists those that do, nearest name first."""

    kind = "keyspace_missing"


class TableMissing(Failure):
    """The table does not exist; C(facts["available"]) lists those that do, nearest name first."""

    kind = "table_missing"


class TypeMissing(Failure):
    """The user-defined type does not exist; C(facts["available"]) lists those that do, nearest name first."""

    kind = "type_missing"


class Conflict(Failure):
    """A column exists differently from what is asked; nothing was executed."""

    kind = "conflict"


class Refused(Failure):
    """The server would refuse the change, or it would do harm; known by reading, nothing was executed."""

    kind = "refused"


class StatementFailed(Failure):
    """The server refused a statement in a way that was not predicted; its own words are in the message."""

    kind = "statement_failed"


class Unavailable(StatementFailed):
    """The server gave no answer to a read, since replicas are missing, slow or overloaded: it may answer later."""


class ChecksFailed(Failure):
    """What an application or a table holds is not as expected; the facts say what each check found."""

    kind = "checks_failed"


class NotAgreed(Failure):
    """The nodes hold different schema versions; C(facts["cluster"]) lists them."""

    kind = "schema_disagreement"


class DataLoss(Refused):
    """Columns would be dropped, and that was not allowed; nothing was executed."""

    kind = "data_loss"


class MixedVersions(Refused):
    """The nodes run different release versions; nothing was executed."""

    kind = "mixed_versions"


class NodesUnreachable(Refused):
    """Known nodes do not answer; the message says what became of the change."""

    kind = "nodes_unreachable"


class PlanChanged(Refused):
    """What the approved plan depends on is otherwise now; the message lists it."""

    kind = "plan_changed"


class Locked(Failure):
    """Another run holds the advisory lock, or it was lost; nothing was executed after that."""

    kind = "locked"


class NotVerified(Failure):
    """After applying, the server does not show what was asked."""

    kind = "not_verified"


class OutcomeUnknown(Failure):
    """A change was sent and nobody can say whether it was applied; C(statement) is that change, if the message names it."""

    kind = "outcome_unknown"
    statement = ""
