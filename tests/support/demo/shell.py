# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A shell in which the embedded Cassandra is the cluster: C(make shell)."""

from __future__ import annotations

import os
import subprocess
import sys

GREETING = """
Cassandra is ready at {host}, and CASSANDRA_HOST names it. It stops when you leave this shell with exit. Try:

  cqlsh -e "DESCRIBE KEYSPACES"
  ansible-playbook stellarmap.cassandra.migrate -e migration_file=shipped_at.yml --check

docs/first_migration.md starts here.
"""


def main() -> int:
    host = os.environ["CASSANDRA_HOST"]
    print(GREETING.format(host=host), flush=True)
    # However the last command in it ended, leaving a shell is no failure.
    subprocess.run([os.environ.get("SHELL", "/bin/sh")], env={**os.environ, "CQLSH_HOST": host}, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
