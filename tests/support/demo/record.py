# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records a real dry run and a real run on the cluster of CASSANDRA_HOST as docs/demo.svg."""

from __future__ import annotations

import io
import os
import subprocess

from rich.console import Console
from rich.text import Text

from .__main__ import PLAYBOOK
from .table import Table

# REUSE-IgnoreStart
_LICENCE = """<!--
SPDX-FileCopyrightText: The stellarmap.cassandra contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
"""
# REUSE-IgnoreEnd
_WIDTH = 118
_NOISE = ("Validating arguments", "Take the steps", "Begin: ", "Note when it began", "Tell how it ended")


def main() -> None:
    console = Console(record=True, width=_WIDTH, file=io.StringIO())
    with Table() as table:
        table.ensure()
    for options in (["--check", "--diff"], []):
        console.print(f"[bold]$ ansible-playbook playbooks/migrate.yml {' '.join(options)}[/bold]")
        done = subprocess.run(
            ["ansible-playbook", str(PLAYBOOK), *options],
            env={**os.environ, "ANSIBLE_FORCE_COLOR": "1", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
        console.print(Text.from_ansi(_without_noise(done.stdout)))
    path = PLAYBOOK.parents[1] / "docs" / "demo.svg"
    path.write_text(_LICENCE + console.export_svg(title="stellarmap.cassandra"), encoding="utf-8")
    print(f"Written: {path}")


def _without_noise(output: str) -> str:
    """The output without the tasks which only keep the books."""
    tasks = output.split("\n\n")
    return "\n\n".join(task.rstrip("*") for task in tasks if not any(words in task for words in _NOISE))


if __name__ == "__main__":
    main()
