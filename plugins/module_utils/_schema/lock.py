# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advisory lock: one row, taken by a lightweight transaction, which expires by itself if its owner is killed.

With it two runs never change the schema at the same time. One column added with two types at once is told a success to
both on Cassandra 4.0 to 5.0, and each node keeps a type of its own (measured).
"""

from __future__ import annotations

import contextlib
import getpass
import os
import random
import socket
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from functools import partial

from .._connection.nodes import NodeSessions
from .._connection.session import Session
from .._cql import statement as cql
from .._cql.identifier import display_name
from .._errors import Failure, InvalidInput, Locked, NotAuthorized, StatementFailed, Unavailable
from .agreement import Waiting
from .observe import observe_tables
from .request import LockPolicy

# Long enough for a renewal to fail twice, short enough to wait for the lock of a run that was killed.
_TTL = 60
# What one statement about the lock may take, whatever request_timeout is: it is asked again before the lock ends.
_ANSWER = 10.0
# The last moment at which a change is sent under the lock.
_MARGIN = 2.0
_PAUSE = 0.5


class Lock:
    """The lock while it is held, or nothing if none is asked for. A context manager: it takes, renews and releases."""

    def __init__(self, nodes: NodeSessions, policy: LockPolicy | None) -> None:
        self._nodes = nodes
        self._policy = policy
        self._owner = _owner() if policy else ""
        self._until = 0.0
        self._over = threading.Event()
        self._renewal = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> Lock:
        if self._policy:
            self._take(self._policy)
            self._renewal.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        if not self._policy:
            return
        self._over.set()
        self._renewal.join()
        try:
            self._nodes.coordinator.read(cql.release_lock(self._policy.keyspace, self._owner), timeout=_ANSWER)
        except Failure as failure:
            self._nodes.warn(
                [
                    f"The lock in {display_name(self._policy.keyspace)} could not be released, it expires by itself within "
                    f"{_TTL} s: {failure.message}"
                ]
            )

    @property
    def is_held(self) -> bool:
        """Whether a lock was asked for, which then was taken."""
        return self._policy is not None

    def require_held(self) -> None:
        """Raises Locked if another run may have the lock: its row is another's, or it could not be renewed in time.

        The server is asked each time: a host that was suspended, and an operator who deletes the row, stop no clock here.
        """
        if not self._policy:
            return
        if self._renewed(self._policy) is False:
            raise Locked("The lock was lost: it expired, or another user removed it. No more was sent after that.")
        if time.monotonic() >= self._until - _MARGIN:
            raise Locked("The lock was lost, since it could not be renewed in time. No more was sent after that.")

    def _take(self, policy: LockPolicy) -> None:
        waiting, is_unsure = Waiting(self._nodes, policy.timeout, (_PAUSE, _PAUSE)), False
        holders: dict[str, None] = {}
        while True:
            begin = time.monotonic()
            holder, is_new = self._nodes.run(lambda session: _try(session, policy.keyspace, self._owner))
            # An attempt without an answer may have won, and the lock may expire that much earlier.
            is_unsure = is_unsure or not (holder and (is_new or holder != self._owner))
            if holder == self._owner and (not is_unsure or self._renewed(policy)):
                self._until = self._until if is_unsure else begin + _TTL
                if holders:
                    self._nodes.warn(
                        [f"Waited {waiting.seconds:.0f} s for the lock, which was held by {'; '.join(holders)}."]
                    )
                return
            if holder and holder != self._owner:
                holders[holder] = None
            if waiting.is_over:
                raise self._not_taken(policy, holder, is_unsure)
            waiting.says(f"for the lock, which {holder or 'another run'} holds", partial(self._end, policy))
            waiting.pause(1 + random.random())  # noqa: S311

    def _not_taken(self, policy: LockPolicy, holder: str | None, is_unsure: bool) -> Locked:
        if is_unsure:
            with contextlib.suppress(Failure):
                self._nodes.coordinator.read(cql.release_lock(policy.keyspace, self._owner), timeout=_ANSWER)
        if holder == self._owner:
            return Locked("The server does not confirm that this run holds the lock.")
        return Locked(
            f"{holder or 'Another run'} holds the lock in keyspace {display_name(policy.keyspace)}, waited "
            f"{policy.timeout:g} s for it. {self._end(policy)}"
        )

    def _end(self, policy: LockPolicy) -> str:
        """When the lock is free again, as far as its row tells."""
        with contextlib.suppress(Failure):
            (rows,) = self._nodes.run(lambda session: session.read(cql.select_lock(policy.keyspace), timeout=_ANSWER))
            for row in rows:
                if row["seconds_left"] is None:
                    return (
                        "No run of this module wrote its row, which has no time to live: it may never expire. If nothing else "
                        f"holds it, delete it: {cql.delete_lock(policy.keyspace)}."
                    )
                if row["seconds_left"]:
                    free = datetime.now(timezone.utc) + timedelta(seconds=row["seconds_left"])
                    return (
                        f"If that run was killed, the lock is free at {free:%H:%M:%S} UTC (in {row['seconds_left']} s); a run "
                        "that lives renews it until it ends."
                    )
        return f"It expires within {_TTL} s once its owner is gone."

    def _renew(self) -> None:
        policy, is_renewed = self._policy, True
        while policy and not self._over.wait(_TTL / 4 if is_renewed else _PAUSE):
            answer = self._renewed(policy)
            if answer is False:
                self._until = 0.0
                return
            is_renewed = bool(answer)

    def _renewed(self, policy: LockPolicy) -> bool | None:
        """Whether the lock is still ours, then for as long as a new one; None without an answer: another one may come.

        It is asked of the coordinator, and of a peer if that does not answer. Each has so little time that there is another
        attempt before the lock ends, whatever O(request_timeout) is.
        """
        for session in (self._nodes.coordinator, *list(self._nodes.peers.values())[:1]):
            begin = time.monotonic()
            with contextlib.suppress(Failure):
                (rows,) = session.read(cql.renew_lock(policy.keyspace, self._owner, _TTL), timeout=_ANSWER)
                for row in (one for one in rows if "[applied]" in one):
                    if row["[applied]"]:
                        self._until = begin + _TTL
                    return bool(row["[applied]"])
        return None


def _try(session: Session, keyspace: str, owner: str) -> tuple[str | None, bool]:
    """Who has the lock after trying to take it, and whether it was taken just now; None if nobody knows.

    An attempt that timed out may have won.
    """
    try:
        (rows,) = session.read(cql.take_lock(keyspace, owner, _TTL), timeout=_ANSWER)
    except NotAuthorized as error:
        raise NotAuthorized(
            f"The lock needs the permissions SELECT and MODIFY on {display_name(keyspace)}.{cql.LOCK_TABLE} (the server: "
            f"{error.message})."
        ) from error
    except Unavailable:
        return None, False
    except StatementFailed as error:
        raise _cannot_work(session, keyspace, error) from error
    if not rows or "[applied]" not in rows[0]:
        raise _no_transactions(keyspace, "it did not say whether the row was written")
    is_new = bool(rows[0]["[applied]"])
    return (owner if is_new else rows[0].get("owner")), is_new


def _cannot_work(session: Session, keyspace: str, error: StatementFailed) -> InvalidInput:
    """Why the lock is refused here for good: its table is missing, or there are no lightweight transactions."""
    if cql.LOCK_TABLE in observe_tables(session, keyspace):
        return _no_transactions(keyspace, error.message)
    return InvalidInput(
        f"There is no table for the lock. Make it once, in one place: {cql.create_lock_table(keyspace)}; (the server: "
        f"{error.message})."
    )


def _no_transactions(keyspace: str, words: str) -> InvalidInput:
    return InvalidInput(
        f"The lock cannot work in keyspace {display_name(keyspace)}: the server takes no lightweight transaction there (the "
        f"server: {words}). In lock_keyspace, name a keyspace that has them (with ScyllaDB one without tablets). Or leave "
        "lock_keyspace out, and see to it that nobody else changes the schema."
    )


def _owner() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        user = str(os.getuid())
    since = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return f"{user}@{socket.gethostname()}, process {os.getpid()}, since {since}, {uuid.uuid4()}"
