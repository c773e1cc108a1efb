# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster: nodes on addresses of their own, in a folder of its own, and nothing left when it ends."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import ready
from .addresses import address_block
from .certificates import NodeTls
from .config import AUTH, CQL_PORT, NodeConfig
from .download import cache, jars, java_home, say
from .node import Node
from .versions import DEFAULT, release

_RUN = "run-"


@dataclass(frozen=True)
class Cluster:
    """The running nodes; C(prefix) is the block of addresses which is theirs alone."""

    nodes: tuple[Node, ...]
    prefix: str
    work: Path

    @property
    def addresses(self) -> list[str]:
        return [node.address for node in self.nodes]


@contextlib.contextmanager
def cluster(
    version: str = DEFAULT,
    nodes: int = 1,
    *,
    versions: Sequence[str] = (),
    auth: bool = False,
    tls: Callable[[list[str]], NodeTls] | None = None,
    settings: Mapping[str, Any] | None = None,
    each: Callable[[str], Mapping[str, Any]] | None = None,
    heap: str = "256m",
    durable: bool = False,
) -> Iterator[Cluster]:
    """Start a cluster, and stop and remove it at the end; where something fails, the logs are kept and named.

    C(versions) gives each node its own version, C(settings) are lines of cassandra.yaml, C(each) gives those of
    the node with an address. With C(auth) the superuser is cassandra with the password cassandra. C(tls) is given all
    addresses and says how clients are to connect. Nodes that are C(durable) can be killed and started again.
    Raises RuntimeError if a node does not start.
    """
    names = list(versions) or [version] * nodes
    _sweep()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        prefix, work = stack.enter_context(address_block()), stack.enter_context(_work_folder())
        java, members = java_home(), []
        addresses = [f"{prefix}{index + 1}" for index in range(len(names))]
        encryption = tls(addresses) if tls else None
        for index, name in enumerate(names):
            encrypted = encryption.settings(work / "tls") if encryption else {}
            config = NodeConfig(
                release=release(name),
                address=addresses[index],
                index=index,
                seed=f"{prefix}1",
                size=len(names),
                work=work / f"node{index + 1}",
                heap=heap,
                durable=durable,
                settings={
                    **(AUTH if auth else {}),
                    **encrypted,
                    **(settings or {}),
                    **(each(addresses[index]) if each else {}),
                },
            )
            members.append(Node(config, java, jars(config.release)))
        say(f"Starting Cassandra {', '.join(node.version for node in members)} at {members[0].address} ...")
        for node in members:
            stack.callback(node.kill)
            node.start()
        for node in members:
            node.wait()
        if len(members) > 1 or (auth and (not encryption or encryption.optional)):
            ready.wait_for(members, auth)
        say(f"Ready after {time.monotonic() - started:.0f} s.")
        yield Cluster(tuple(members), prefix, work)


@contextlib.contextmanager
def _work_folder() -> Iterator[Path]:
    # It gets the name that _sweep removes only when its lock is held.
    made = Path(tempfile.mkdtemp(prefix="new-", dir=_folder("runs")))
    with open(made / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        work = made.rename(made.with_name(_RUN + made.name.removeprefix("new-")))
        try:
            yield work
        except BaseException:
            kept = _keep_logs(work)
            if kept:
                say(f"The logs are kept: {kept}")
            raise
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _keep_logs(work: Path) -> Path | None:
    logs = sorted(work.glob("node*/output.log"))
    if not logs:
        return None
    kept = Path(tempfile.mkdtemp(dir=_folder("logs")))
    for log in logs:
        shutil.copy(log, kept / f"{log.parent.name}.log")
    return kept


def _sweep() -> None:
    """Remove what runs left behind that were killed: nobody holds their lock any more."""
    for work in _folder("runs").glob(f"{_RUN}*"):
        with contextlib.suppress(OSError), open(work / "lock", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(work, ignore_errors=True)


def _folder(name: str) -> Path:
    folder = cache() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


__all__ = ["CQL_PORT", "Cluster", "cluster"]
