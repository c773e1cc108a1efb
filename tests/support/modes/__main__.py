# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare both modes on the cluster of CASSANDRA_HOST, with the Ansible that is installed; ends with 1 if they differ."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from .compare import differences, run_cases


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = [run_cases(Path(folder), os.environ["CASSANDRA_HOST"], mode) for mode in ("always", "never")]
    found = differences(*results)
    for line in found:
        print(line)
    print(f"{len(results[0])} cases, {len(found)} differences between the modes.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
