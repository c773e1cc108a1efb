# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, shown on a real cluster: the table as the application has it, migrate.yml three times, the rows untouched.

The cluster is that of CASSANDRA_HOST; nothing which is there already is changed, but for the three columns.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .table import KEYSPACE, TABLE, Table

PLAYBOOK = Path(__file__).resolve().parents[3] / "migrate.yml"


def main() -> int:
    with Table() as table:
        table.ensure()
        before = table.fingerprint()
        tell(f"The table {KEYSPACE}.{TABLE} has {len(table.columns())} columns and {before.rows} rows.")
        for title, options in (
            ("The dry run: it connects, changes nothing, and shows the exact CQL", ["--check", "--diff"]),
            ("The migration", []),
            ("The migration once more: nothing is left to do", []),
        ):
            tell(title, f"$ ansible-playbook migrate.yml {' '.join(options)}")
            done = subprocess.run(["ansible-playbook", str(PLAYBOOK), *options], check=False)
            if done.returncode:
                return done.returncode
        after = table.fingerprint()
        if before != after:
            tell(f"The rows are not what they were: {before} before, {after} after.")
            return 1
        tell(
            f"The table has {len(table.columns())} columns now, and its {after.rows} rows are untouched",
            f"(SHA-256 of all their cells before and after: {after.digest[:16]}...).",
        )
    return 0


def tell(*lines: str) -> None:
    print("\n" + "\n".join(f"=== {line}" for line in lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
