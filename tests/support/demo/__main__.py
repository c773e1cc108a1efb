# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, shown on a real cluster: the table as the application has it, migrate.yml three times, the rows untouched.

The cluster is that of CASSANDRA_HOST; nothing which is there already is changed, but for the three columns.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .table import KEYSPACE, TABLE, columns, ensure, rows, session

PLAYBOOK = Path(__file__).resolve().parents[3] / "migrate.yml"


def main() -> int:
    with session() as cql:
        ensure(cql)
        before = rows(cql)
        tell(f"The table {KEYSPACE}.{TABLE} has {len(columns(cql))} columns and {len(before)} rows.")
        for title, options in (
            ("The dry run: it connects, changes nothing, and shows the exact CQL", ["--check", "--diff"]),
            ("The migration", []),
            ("The migration once more: nothing is left to do", []),
        ):
            tell(title, f"$ ansible-playbook migrate.yml {' '.join(options)}")
            done = subprocess.run(["ansible-playbook", str(PLAYBOOK), *options], check=False)
            if done.returncode:
                return done.returncode
        if before != rows(cql):
            tell("The rows are not what they were.")
            return 1
        tell(
            f"The table has {len(columns(cql))} columns now, and its {len(before)} rows are untouched",
            "(all their cells were compared, before and after).",
        )
    return 0


def tell(*lines: str) -> None:
    print("\n" + "\n".join(f"=== {line}" for line in lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
