# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What C(ansible-playbook) was started with, as far as no variable tells it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

# Options without a value, which may stand in one word with another one, as in C(-Ce).
_SWITCHES = "CDJKbkv"


def command_line() -> argparse.Namespace:
    """C(extra_vars), C(start_at_task), C(syntax_check); of another program it has none of them."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-e", "--extra-vars", action="append", default=[])
    parser.add_argument("--start-at-task")
    parser.add_argument("--syntax-check", action="store_true")
    for switch in _SWITCHES:
        parser.add_argument(f"-{switch}", action="store_true")
    try:
        return parser.parse_known_args()[0]
    except SystemExit:
        return parser.parse_args([])


def extra_variables(loader: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the command line: no others take their places."""
    names = {name for text in command_line().extra_vars for name in _names(loader, text.strip())}
    return {name: variables[name] for name in names if name in variables}


def _names(loader: Any, text: str) -> Iterator[str]:
    if not text.startswith(("@", "{", "[")):
        yield from (word.partition("=")[0] for word in shlex.split(text) if "=" in word)
        return
    data = (
        loader.load_from_file(str(Path(text[1:]).expanduser().absolute())) if text[0] == "@" else yaml.safe_load(text)
    )
    yield from map(str, data if isinstance(data, Mapping) else ())
