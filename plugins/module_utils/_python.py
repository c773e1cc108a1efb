# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a module with a sentence if its Python is too old for the collection; Python 3.6 and later can read this file.

Every module imports it first: the other files fail there in words that say nothing of Python.
"""

import json
import sys

MINIMUM = (3, 9)

if sys.version_info < MINIMUM:
    _MESSAGE = (
        f"This module needs Python {MINIMUM[0]}.{MINIMUM[1]} or later, and {sys.executable} on this host is Python "
        f"{sys.version.split()[0]}. Set the variable ansible_python_interpreter of this host to a newer Python."
    )
    sys.stdout.write(json.dumps({"failed": True, "failure": "python_too_old", "msg": _MESSAGE}))
    sys.exit(1)
