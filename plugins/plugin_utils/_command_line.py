# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What C(ansible-playbook) was started with, as far as no variable tells it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml

# Options without a value, which may stand in one word with another one, as in C(-Ce), and those with one, as in C(-Di).
_SWITCHES, _VALUED = "CDJKbkv", "MTcfiltu"

_ASSIGNED = re.compile(r"(?:^|\s)['\"]?([A-Za-z_]\w*)=")


class _Parser(argparse.ArgumentParser):
    """Says nothing: Ansible itself has taken this command line."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(message)


def command_line() -> argparse.Namespace:
    """C(extra_vars), C(start_at_task), C(syntax_check), as far as the command line of this process has them."""
    parser = _Parser(add_help=False)
    parser.add_argument("-e", "--extra-vars", action="append", default=[])
    parser.add_argument("--start-at-task")
    parser.add_argument("--syntax-check", action="store_true")
    for switch in _SWITCHES:
        parser.add_argument(f"-{switch}", action="store_true")
    for option in _VALUED:
        parser.add_argument(f"-{option}")
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
        # Also words within a value: who reads them looks whether there is such a variable.
        yield from _ASSIGNED.findall(text)
    elif text[0] == "@":
        data = loader.load_from_file(str(Path(text[1:]).expanduser().absolute()))
        yield from map(str, data if isinstance(data, Mapping) else ())
    else:
        # Values may have tags that only Ansible knows.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        yield from (str(key.value) for key, _value in root.value) if isinstance(root, yaml.MappingNode) else ()
