# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guarded import of the Python driver: C(cassandra-driver), or C(scylla-driver), which brings the same package.

Its minimum version is documented in plugins/doc_fragments/_connection.py.
"""

from __future__ import annotations

import importlib
import logging
import traceback
from typing import Any

from ._errors import MissingDriver

MINIMUM = (3, 29)
LIBRARY = "cassandra-driver"


def load_driver() -> Any:
    """The package C(cassandra) with C(cassandra.cluster) imported; raises MissingDriver where that cannot be.

    Imported late and only here: it takes a third of a module's time, and ansible-test imports every file without it.
    """
    # The driver warns of every node it cannot reach; what matters of it is in the results and errors of the modules.
    logger = logging.getLogger("cassandra")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    try:
        driver = importlib.import_module("cassandra")
        importlib.import_module("cassandra.cluster")
    except Exception as error:  # on Python 3.12 and later the driver fails at import with its own DependencyException
        raise MissingDriver(f"{type(error).__name__}: {error}", traceback.format_exc()) from error
    version = getattr(driver, "__version__", "0")
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < MINIMUM:
        wanted = ".".join(str(part) for part in MINIMUM)
        raise MissingDriver(f"the driver is version {version}, {wanted} or later is needed", "")
    return driver
