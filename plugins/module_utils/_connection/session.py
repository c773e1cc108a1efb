# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session with a node, and those with its peers; what opens it closes it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from .._cql.system_table import Statement, SystemRead
from .._errors import ConnectionFailed, Failure, NotAuthorized, OutcomeUnknown, StatementFailed
from .._place import Place
from . import private
from .errors import UnreadableAnswer
from .explain import decoding, explained
from .settings import Settings

# Rows of one answer, where a whole table may be read: so many fit into memory, whatever they hold.
_PAGE = 1000
# A broken server, or what stands between, may go on for ever. What is read of the catalog has fewer pages, rows and bytes.
_MOST_PAGES, _MOST_ROWS, _MOST_BYTES = 1000, 500_000, 256 * 1024 * 1024
# A table that is read to be counted may be of any length, and deleted rows make pages without rows.
_MOST_EMPTY_PAGES = 10_000

Row = Mapping[str, Any]


class Names(tuple):  # type: ignore[type-arg]
    """The names of the columns of an answer, which tell what there is even where there is no row."""


class Rows(list[Row]):
    """The rows of an answer, with the C(names) of its columns."""

    def __init__(self, rows: Iterable[Names | Row] = ()) -> None:
        found = list(rows)
        super().__init__(row for row in found if not isinstance(row, Names))
        self.names = frozenset(next((row for row in found if isinstance(row, Names)), ()))


def named_rows(names: Iterable[str], rows: Iterable[Any]) -> list[Names | Row]:
    """A row factory of the driver: each page of rows begins with the names of its columns."""
    return [Names(names), *(dict(zip(names, row)) for row in rows)]


class Session:
    """A session with one node, of which one connection at a time is open; C(host_id) is the node's, once it was asked for it.

    C(address) and C(port) say where it was met, C(settings) how it was opened, C(warnings) what it warned of.
    """

    def __init__(self, cluster: Any, session: Any, settings: Settings, peers: set[Any], host: Any = None) -> None:
        self._cluster = cluster
        self._session = session
        self._peers = peers
        self._host = host or cluster.get_control_connection_host()
        self._is_peer = host is not None
        self.settings = settings
        self.address, self.port = str(self._host.endpoint), self._host.endpoint.port
        self.host_id: str | None = None
        # Shows a line at once; set by who runs in a process that has a screen.
        self.tell: Callable[[str], None] | None = None
        self.warnings: list[str] = []
        # What this server was found to lack: some of the columns of a read, or all of it.
        self.partial: set[SystemRead] = set()
        self.absent: dict[SystemRead, Failure] = {}
        self._prepared: dict[str, Any] = {}

    @property
    def meets(self) -> tuple[str, int]:
        """The address and port without more, where this session meets its node."""
        return str(self._host.endpoint.address), self.port

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._is_peer:
            # It ends with the session that connected it.
            return
        self._session.shutdown()
        # Cluster.shutdown() waits for a thread that sleeps in steps of 0.1 s; nothing depends on it any more.
        threading.Thread(target=self._cluster.shutdown, daemon=True).start()

    def datacenters(self) -> tuple[str | None, list[str]]:
        """The datacenter of this node, and those that the cluster has."""
        hosts = self._cluster.metadata.all_hosts()
        return self._host.datacenter, sorted({host.datacenter for host in hosts if host.datacenter})

    def identify(self, host_id: str | None) -> None:
        """Take note of which node answers; raises ConnectionFailed if it is another one than before, or than was meant.

        Several nodes may share an address, and the driver opens a broken connection again with whichever answers there.
        """
        if self.host_id and host_id != self.host_id:
            other = f"another node ({host_id})" if host_id else "a node that does not tell its host_id"
            raise ConnectionFailed(f"{self.address} is the address of node {self.host_id}, but {other} answers there.")
        self.host_id = host_id

    def connect_peers(self, places: Collection[Place]) -> dict[str, Session]:
        """Sessions with those of these nodes that this one knows and that answer: two round trips, all at once."""
        known = {(host.endpoint.address, host.endpoint.port): host for host in self._cluster.metadata.all_hosts()}
        hosts = {place: known[place.address, place.port] for place in places if place[1:] in known}
        self._peers.update(hosts.values())
        connected = private.connect_hosts(self._session, hosts.values(), self.settings.connect_timeout)
        return {
            place.key: Session(self._cluster, self._session, self.settings.only(place[1:]), self._peers, host).meant(
                place
            )
            for place, host in hosts.items()
            if host in connected
        }

    def meant(self, place: Place) -> Session:
        """This session, of which only answers of that node count."""
        self.host_id = place.host_id
        return self

    def read(self, *statements: Statement, timeout: float | None = None) -> list[list[Row]]:
        """The rows of each statement, all in flight at once; raises NotAuthorized, StatementFailed, ConnectionFailed.

        C(timeout) is one that is shorter than that of requests.
        """
        return [answered(answer) for answer in self.answers(*statements, timeout=timeout)]

    def answers(self, *statements: Statement, timeout: float | None = None) -> list[Rows | Failure]:
        """The same with the NotAuthorized or StatementFailed of a statement in its place; raises ConnectionFailed."""
        seconds = min(self.settings.request_timeout, timeout or self.settings.request_timeout)
        with explained(self.address, ConnectionFailed):
            end = time.monotonic() + seconds
            new = [one.text for one in statements if one.values and one.text not in self._prepared]
            self._prepared.update(zip(new, _in_time(self._prepare, new, seconds)))
            seconds = max(end - time.monotonic(), seconds / 10)
            bound = [(self._prepared[one.text], one.values) if one.values else (one.text,) for one in statements]
            futures = [self._session.execute_async(*one, timeout=seconds, host=self._host) for one in bound]
        return [self._answer(future) for future in futures]

    def _answer(self, future: Any) -> Rows | Failure:
        try:
            with explained(self.address, ConnectionFailed):
                with decoding():
                    result = future.result()
                return _whole(result)
        except (NotAuthorized, StatementFailed) as failure:
            return failure

    def read_pages(self, statement: Statement) -> Iterator[Row]:
        """The rows of a statement without values, page by page; raises NotAuthorized, StatementFailed, ConnectionFailed."""
        with explained(self.address, ConnectionFailed):
            self._session.default_fetch_size = _PAGE
            empty = 0
            with decoding():
                result = self._session.execute(statement.text, host=self._host)
            for page in _pages(result):
                rows = Rows(page)
                empty = 0 if rows else empty + 1
                if empty > _MOST_EMPTY_PAGES:
                    raise _endless(f"{empty} pages without a row")
                yield from rows

    def execute(self, statement: Statement) -> None:
        """Send a change once; raises NotAuthorized or StatementFailed if it was refused, OutcomeUnknown if no answer came."""
        with explained(self.address, OutcomeUnknown):
            future = self._session.execute_async(statement.text, host=self._host)
            with decoding():
                future.result()
            self.warnings += future.warnings or []

    @contextlib.contextmanager
    def asking(self) -> Iterator[Any]:
        """The driver's own session for a read of another kind; what goes wrong with it is raised as C(read) does."""
        with explained(self.address, ConnectionFailed), decoding():
            yield self._session

    def prepare(self, text: str) -> Any:
        """The driver's prepared statement, in the time of one request; for where C(asking) explains what the driver raises."""
        (found,) = _in_time(self._session.prepare, [text], self.settings.request_timeout)
        return found

    def _prepare(self, text: str) -> Any:
        with decoding():
            return self._session.prepare(text)


def _in_time(prepare: Callable[[str], Any], texts: Sequence[str], seconds: float) -> list[Any]:
    """What was prepared, all at once: the driver waits for each by itself, and takes no time-out; raises TimeoutError."""
    if not texts:
        return []
    pool = ThreadPoolExecutor(len(texts))
    try:
        return list(pool.map(prepare, texts, timeout=seconds))
    except FutureTimeout:
        raise TimeoutError from None
    finally:
        pool.shutdown(wait=False)


def _whole(result: Any) -> Rows:
    """The rows of all pages of a result of the driver; raises StatementFailed if there is no end of them."""
    rows, size = Rows(), 0
    for number, page in enumerate(_pages(result), 1):
        found = Rows(page)
        rows.names = rows.names or found.names
        rows += found
        if result.has_more_pages:
            size += sum(len(str(value)) for row in found for value in row.values())
            if number >= _MOST_PAGES or len(rows) > _MOST_ROWS or size > _MOST_BYTES:
                raise _endless(f"{number} pages with {len(rows)} rows")
    return rows


def _pages(result: Any) -> Iterator[list[Names | Row]]:
    """The rows of each page of a result of the driver; raises StatementFailed if the next page is the same one again."""
    while True:
        if result.current_rows and not isinstance(result.current_rows[0], Names):
            raise UnreadableAnswer("it is no answer to a query")
        yield result.current_rows
        if not result.has_more_pages:
            return
        state = result.paging_state
        with decoding():
            result.fetch_next_page()
        if result.has_more_pages and result.paging_state == state:
            raise _endless("the same page twice")


def _endless(sent: str) -> StatementFailed:
    return StatementFailed(f"the server sent {sent}, and says that there are more: its answer has no end")


def answered(answer: Rows | Failure) -> Rows:
    """The rows; raises the Failure that is in their place."""
    if isinstance(answer, Failure):
        raise answer
    return answer
