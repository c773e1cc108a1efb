# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A migration file from its bytes to rendered data; what is wrong with it is told without its content, which may be secret."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.template import Templar

from ..module_utils._errors import InvalidInput
from ._yaml_error import QUOTE, Fault, Place, explain

COLLECTION = Path(__file__).resolve().parents[2]
# By a part of what Ansible says.
_HINTS = {
    "Decryption failed": " Check which password --ask-vault-pass or --vault-password-file gives.",
    "is undefined": " Give it in the inventory or with -e NAME=VALUE.",
    "ault secrets": " Give --ask-vault-pass or --vault-password-file.",
    "ault password": " Give --ask-vault-pass or --vault-password-file.",
}
# Those that Ansible knows.
_TAGS = ("!vault", "!vault-encrypted", "!unsafe")


def find_file(path: str, folders: list[Path], what: str) -> str:
    """The file: a relative path is relative to the first folder that has it; raises InvalidInput if none has."""
    found = [folder / path for folder in folders if (folder / path).is_file()]
    if found:
        return str(found[0])
    if any((folder / path).is_dir() for folder in folders):
        raise InvalidInput(f"{path} is a folder. Name the file of {what}.")
    tried = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise InvalidInput(f"There is no file {path}. Searched in: {tried}.")


def digest(path: str) -> str:
    """The digest of the file, whatever ends its lines: a checkout on another machine may have other ones."""
    content = Path(path).read_bytes().replace(b"\r\n", b"\n")
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_file(loader: Any, path: str) -> str:
    """The text of the file, decrypted; raises InvalidInput if it is no text of UTF-8 or no YAML, or has a key twice."""
    try:
        content = Path(loader.get_real_file(path)).read_bytes()
    except (AnsibleError, OSError) as error:
        raise InvalidInput(f"{path} cannot be read: {_first_line(error)}") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidInput(f"{path} is not encoded in UTF-8 (line {line}). Save it as UTF-8.") from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise InvalidInput(f"{path} is not YAML: {explain(text, _fault(error))}") from None
    except yaml.YAMLError:
        raise InvalidInput(f"{path} is not YAML: it has a character that YAML does not allow.") from None
    strange = next(_strange(root), "") if root is not None else ""
    if strange:
        raise InvalidInput(f"{path} is not YAML: {strange}")
    twice = list(_keys_twice(root)) if root is not None else []
    if twice:
        raise InvalidInput(f"{path} is not a migration file. {' '.join(twice)}")
    return text


def load_file(loader: Any, path: str) -> Any:
    """The content of the file with its templates; raises InvalidInput."""
    load = loader.load_from_file
    # From ansible-core 2.19 on a template is rendered only if the code that loads it vouches for it.
    knows_trust = "trusted_as_template" in inspect.signature(load).parameters
    try:
        return load(path, **({"trusted_as_template": True} if knows_trust else {}))
    except AnsibleError as error:
        raise InvalidInput(f"{path} cannot be read: {_first_line(error)}") from None


def render(loader: Any, path: str, raw: Any, variables: Mapping[str, Any]) -> Any:
    """The content, or a part of it, with its templates rendered; its lookups find files next to it; raises InvalidInput."""
    search = [str(Path(path).resolve().parent), *(variables.get("ansible_search_path") or [])]
    try:
        return Templar(loader=loader, variables={**variables, "ansible_search_path": search}).template(raw)
    except AnsibleError as error:
        raise InvalidInput(f"{path} cannot be rendered: {_first_line(error)}") from None


def _first_line(error: BaseException) -> str:
    """What Ansible says, without the line of the file that it shows, and what to do."""
    text = re.split(r"\s*(?:String: |The error appears|\n)", str(getattr(error, "message", error)))[0]
    return text.rstrip(". ") + "." + next((hint for word, hint in _HINTS.items() if word in text), "")


def _fault(error: yaml.MarkedYAMLError) -> Fault:
    at = error.problem_mark or error.context_mark
    begun = error.context_mark or at
    return Fault(str(error.problem), Place(at.line, at.column), str(error.context), Place(begun.line, begun.column))


def _strange(node: yaml.Node) -> Iterator[str]:
    """A sentence for each part, at any depth, that YAML takes and Ansible does not."""
    place = f"line {node.start_mark.line + 1}"
    if node.tag.startswith("!") and node.tag not in _TAGS:
        yield f"{place}: a value that begins with ! is a type to YAML, and there is none of this name. {QUOTE}"
    if isinstance(node, yaml.MappingNode):
        if any(not isinstance(key, yaml.ScalarNode) for key, _value in node.value):
            yield f'{place}: write quotes around the template, as in "{{{{ name }}}}".'
        for _key, value in node.value:
            yield from _strange(value)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _strange(one)


def _keys_twice(node: yaml.Node) -> Iterator[str]:
    """A sentence for each key of a dictionary that stands there twice, at any depth: the first one would be lost."""
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and name != "<<":
                if name in lines:
                    yield f"The key '{name}' stands twice, in the lines {lines[name]} and {line}. Keep one of them."
                lines[name] = line
            yield from _keys_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _keys_twice(one)
