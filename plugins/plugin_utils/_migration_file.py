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
# By a part of what ansible-core 2.16 to 2.21 says. With other words there is no such advice.
_HINTS = {
    "Decryption failed": " Check which password --ask-vault-pass or --vault-password-file gives.",
    "is undefined": " Give it in the inventory or with -e NAME=VALUE.",
    "ault secrets": " Give --ask-vault-pass or --vault-password-file.",
    "ault password": " Give --ask-vault-pass or --vault-password-file.",
}
# Those that Ansible knows.
_TAGS = ("!vault", "!vault-encrypted", "!unsafe")


def folders_of(loader: Any) -> list[Path]:
    """The folders that a relative path may be relative to: that of the command, of the playbook, of our own playbooks."""
    return [Path.cwd(), Path(loader.get_basedir()), COLLECTION / "playbooks"]


def find_file(path: str, loader: Any, what: str) -> str:
    """The file: a relative path is relative to the first folder that has it; raises InvalidInput if none has."""
    folders = folders_of(loader)
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


def load_file(loader: Any, path: str) -> Any:
    """The content of the file, decrypted, with its templates; raises InvalidInput if it is not what Ansible and a person read."""
    nodes = list(_nodes(_parse(path, _read(loader, path))))
    strange = next((sentence for node in nodes for sentence in _strange(node)), "")
    if strange:
        raise InvalidInput(f"{path} is not YAML: {strange}")
    twice = [sentence for node in nodes for sentence in _keys_twice(node)]
    if twice:
        raise InvalidInput(f"{path} is not a migration file. {' '.join(twice)}")
    load = loader.load_from_file
    # From ansible-core 2.19 on a template is rendered only if the code that loads it vouches for it.
    knows_trust = "trusted_as_template" in inspect.signature(load).parameters
    try:
        return load(path, **({"trusted_as_template": True} if knows_trust else {}))
    except AnsibleError as error:
        raise InvalidInput(f"{path} cannot be read: {_first_line(error)}") from None


def _read(loader: Any, path: str) -> str:
    """The text of the file, decrypted."""
    try:
        content = Path(loader.get_real_file(path)).read_bytes()
    except (AnsibleError, OSError) as error:
        raise InvalidInput(f"{path} cannot be read: {_first_line(error)}") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidInput(f"{path} is not encoded in UTF-8 (line {line}). Save it as UTF-8.") from None


def _parse(path: str, text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        return root
    except yaml.MarkedYAMLError as error:
        raise InvalidInput(f"{path} is not YAML: {explain(text, _fault(error))}") from None
    except yaml.YAMLError:
        raise InvalidInput(f"{path} is not YAML: it has a character that YAML does not allow.") from None


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


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """The document and its values at any depth, each once, in the order of the file: aliases may repeat what they stand in."""
    seen: set[int] = set()
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [value for _key, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)


def _strange(node: yaml.Node) -> Iterator[str]:
    """A sentence for what YAML takes and Ansible does not."""
    place = f"line {node.start_mark.line + 1}"
    if node.tag.startswith("!") and node.tag not in _TAGS:
        yield f"{place}: a value that begins with ! is a type to YAML, and there is none of this name. {QUOTE}"
    if isinstance(node, yaml.MappingNode) and any(not isinstance(key, yaml.ScalarNode) for key, _value in node.value):
        yield f'{place}: write quotes around the template, as in "{{{{ name }}}}".'


def _keys_twice(node: yaml.Node) -> Iterator[str]:
    """A sentence for each key of a dictionary that stands there twice: the first one would be lost."""
    lines: dict[str, int] = {}
    for key, _value in node.value if isinstance(node, yaml.MappingNode) else ():
        name, line = str(key.value), key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode) and name != "<<":
            if name in lines:
                there = f"the lines {lines[name]} and {line}" if lines[name] != line else f"line {line}"
                yield f"The key '{name}' stands twice, in {there}. Keep one of them."
            lines[name] = line
