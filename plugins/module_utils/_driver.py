# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guarded import of the Python driver: C(cassandra-driver), or C(scylla-driver), which brings the same package.

Its minimum version is documented in plugins/doc_fragments/_connection.py.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
from collections.abc import Iterator
from typing import Any

from ._errors import MissingDriver

MINIMUM = (3, 29)
LIBRARY = "cassandra-driver"

# The driver imports these in case that a program uses the library behind them, which takes a third of its time; NumPy, if it
# is installed, more than all else. Nothing here logs in by SASL, or reads geometries of DSE from their text.
_UNUSED = {
    "cassandra.io.twistedreactor": "twisted",
    "cassandra.io.eventletreactor": "eventlet",
    "numpy": "numpy",
    "puresasl": "puresasl",
    "geomet": "geomet",
}


def load_driver() -> Any:
    """The package C(cassandra) with C(cassandra.cluster) imported; raises MissingDriver if that cannot be.

    Imported late and only here: it takes a third of a module's time, and ansible-test imports every file without it.
    """
    try:
        driver = _import()
    except Exception as error:  # on Python 3.12 and later the driver fails at import with its own DependencyException
        raise MissingDriver(_why_it_is_missing(error)) from error
    version = getattr(driver, "__version__", "0")
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < MINIMUM:
        raise MissingDriver(
            f"The Python driver for Cassandra of {_python()} is version {version}, which is too old. {_pip()}"
        )
    return driver


def _import() -> Any:
    with contextlib.suppress(Exception), _without(name for name, own in _UNUSED.items() if own not in sys.modules):
        importlib.import_module("cassandra.cluster")
    # Once more with all of them, if it cannot do without; else this does nothing.
    importlib.import_module("cassandra.cluster")
    return importlib.import_module("cassandra")


def _why_it_is_missing(error: Exception) -> str:
    if isinstance(error, ImportError) and "cassandra" not in sys.modules:
        # Mitogen has an exception of its own for this.
        return (
            f"The Python driver for Cassandra is not installed for {_python()}, which runs this module. {_pip()} "
            "Or set ansible_python_interpreter to a Python that has it."
        )
    reason = f"{type(error).__name__}: {error}"
    if type(error).__name__ == "DependencyException":
        reason = "it was built without libev, and Python 3.12 and later have no asyncore, so it has no event loop"
    return (
        f"The Python driver for Cassandra is installed for {_python()}, which runs this module, and cannot be used: {reason}."
        f" {_pip('--force-reinstall --only-binary :all: ')}"
    )


def _python() -> str:
    return f"{sys.executable} (Python {sys.version.split()[0]})"


def _pip(options: str = "") -> str:
    wanted = ".".join(map(str, MINIMUM))
    return f"Install it: {sys.executable} -m pip install {options}'{LIBRARY}>={wanted}'."


@contextlib.contextmanager
def silent_driver() -> Iterator[None]:
    """Keep the driver from logging: it warns of each node that it cannot reach, which results and errors say already."""
    logger = logging.getLogger("cassandra")
    before, nothing = logger.propagate, logging.NullHandler()
    logger.addHandler(nothing)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(nothing)
        logger.propagate = before


@contextlib.contextmanager
def _without(modules: Iterator[str]) -> Iterator[None]:
    """Let imports of these modules fail at once, as Python documents it for None in C(sys.modules)."""
    blocked = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in blocked:
            del sys.modules[name]
