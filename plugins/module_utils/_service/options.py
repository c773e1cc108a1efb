# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write about their services, checked and completed before anything is asked or touched: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from os.path import join
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .._http.check import Check, read_check

MANAGERS: Mapping[str, Sequence[str]] = {
    "systemd": ("unit",),
    "supervisord": ("program",),
    "docker_compose": ("service", "project_dir"),
    "command": ("argv",),
    "manual": (),
}
_ISO = "%Y-%m-%dT%H:%M:%S.%f%z"
# What the fields of a class are as options; a tuple is a list that is empty by default.
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "str": {"type": "str"},
    "Path": {"type": "path"},
    "bool": {"type": "bool"},
    "int": {"type": "int"},
    "float": {"type": "float"},
    "Secrets": {"type": "dict", "no_log": True},
    "tuple[str, ...]": {"type": "list", "elements": "str"},
    "tuple[Path, ...]": {"type": "list", "elements": "path"},
    "tuple[int, ...]": {"type": "list", "elements": "int"},
}
_FURTHER: Mapping[str, Mapping[str, Any]] = {
    "name": {"required": True},
    "manager": {"required": True, "choices": list(MANAGERS)},
    "scope": {"choices": ["system", "user"]},
}
Path = str
Secrets = Mapping[str, Any]


@dataclass(frozen=True)
class Ready:
    """How one sees that a service is ready, next to what its manager says; the fields are the documented options."""

    url: str | None = None
    status: tuple[int, ...] = (200,)
    headers: Secrets = field(default_factory=dict)
    validate_certs: bool = True
    host: str = "127.0.0.1"
    port: int | None = None
    argv: tuple[str, ...] = ()
    stable_for: float = 3


@dataclass(frozen=True)
class Service:
    """One entry of the list; the fields are the documented options."""

    name: str
    manager: str
    enabled: bool = True
    watch: tuple[Path, ...] = ()
    reload: bool = False
    timeout: float = 60
    ready: Ready = field(default_factory=Ready)
    check_argv: tuple[str, ...] = ()
    chdir: Path = "/"
    environment: Secrets = field(default_factory=dict)
    environment_file: Path | None = None
    log_file: Path | None = None
    log_lines: int = 20
    instructions: str | None = None
    pid_file: Path | None = None
    unit: str = ""
    scope: str = "system"
    program: str = ""
    config: Path | None = None
    supervisorctl: Path = "supervisorctl"
    service: str = ""
    project_dir: Path = ""
    files: tuple[Path, ...] = ()
    build: bool = True
    docker: Path = "docker"
    argv: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in the state file: what is remembered holds for the files that it watches."""
        return " ".join([self.name, *self.watch])

    def http_check(self) -> Check:
        """What asks its address. Redirects are not followed: the question is whether this very service answers."""
        ready = self.ready
        asked = {"name": self.name, "url": ready.url, "headers": ready.headers, "status": ready.status}
        return read_check({**asked, "follow_redirects": False})


def _options(described: Any) -> dict[str, dict[str, Any]]:
    """The argument spec of a class."""
    found: dict[str, dict[str, Any]] = {}
    for one in fields(described):
        kind = str(one.type).replace(" | None", "")
        spec: dict[str, Any] = {"type": "dict", "options": _options(Ready)} if kind == "Ready" else dict(_TYPES[kind])
        default = {} if kind == "Secrets" else one.default
        if default not in (None, "", MISSING):
            spec["default"] = list(default) if isinstance(default, tuple) else default
        found[one.name] = {**spec, **_FURTHER.get(one.name, {})}
    return found


SERVICE_OPTIONS = _options(Service)
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE_OPTIONS},
    "watch": {"type": "list", "elements": "path", "default": []},
    "path": {"type": "path"},
    "changed": {"type": "bool", "default": False},
    "changes": {"type": "dict", "default": {}},
    "restart": {"type": "bool", "default": False},
    "confirmed": {"type": "list", "elements": "str", "default": []},
    "state_file": {"type": "path", "default": "~/.local/state/stellarmap.cassandra/services.json"},
    "try_only": {"type": "bool", "default": False},
    "act": {"type": "str"},
    "earlier": {"type": "list", "elements": "dict", "default": []},
}


class Request(NamedTuple):
    """All that one call of the module is asked; C(changes) are seconds since 1970, C(act) is the name of a service or nothing."""

    services: Sequence[Service]
    path: str | None
    changed: bool
    changes: Mapping[str, float]
    restart: bool
    confirmed: Sequence[str]
    state_file: str
    try_only: bool
    act: str | None
    earlier: Sequence[Mapping[str, Any]]


def read_request(params: Mapping[str, Any]) -> Request:
    """The parameters of the module as values; raises InvalidInput if they cannot be right."""
    services = [_service(entry, params["watch"]) for entry in params["services"]]
    names = [service.name for service in services]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"Each service needs a name of its own, but more than one is called: {', '.join(twice)}.")
    # From the command line it is text with names between commas.
    confirmed = [name.strip() for name in params["confirmed"] if name.strip()]
    acts = [] if params["act"] is None else [params["act"]]
    for option, named in (("act", acts), ("services_confirmed", confirmed)):
        unknown, known = ", ".join(name for name in named if name not in names), ", ".join(names) or "none"
        if unknown:
            raise InvalidInput(f"{option} names {unknown}, which is no service. The services are: {known}.")
    asked = Request(**{name: params[name] for name in Request._fields})
    changes = _read_changes(params["changes"])
    return asked._replace(services=services, path=params["path"] or None, changes=changes, confirmed=confirmed)


def _read_changes(changes: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {name: datetime.strptime(str(time), _ISO).timestamp() for name, time in changes.items()}
    except ValueError as error:
        raise InvalidInput(f"A time of changes is not like 2026-11-26T07:52:21.574+00:00: {error}.") from error


def _service(entry: Mapping[str, Any], watch: Sequence[str]) -> Service:
    given = _given(entry)
    given["watch"] = tuple(dict.fromkeys([*watch, *given.get("watch", ())]))
    given["ready"] = Ready(**_given(given.get("ready", {})))
    # The commands and the files of an entry are found in the same place.
    for key in ("pid_file", "log_file", "environment_file"):
        if given.get(key):
            given[key] = join(given.get("chdir", "/"), given[key])
    service = Service(**given)
    _check(service)
    return service


def _given(entry: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in entry.items() if value is not None}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in shown.items()}


def _check(service: Service) -> None:
    name, manager = service.name, service.manager
    if not name.strip() or re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", name):
        raise InvalidInput(f"The name of a service is one line of text, and this is none: {name!r}.")
    if not service.enabled:
        return
    # A program with a pid file can be told to reload without a command.
    signaled = manager == "command" and service.reload and service.pid_file
    absent = [option for option in MANAGERS[manager] if not getattr(service, option) and not signaled]
    if absent:
        raise InvalidInput(f"{name}: the manager {manager} needs {' and '.join(absent)}.")
    if service.reload and manager in ("docker_compose", "manual"):
        raise InvalidInput(f"{name}: reload is for a program that keeps running and is told to replace its workers.")
    if service.ready.url:
        service.http_check()
    if service.timeout <= 0 or service.ready.stable_for < 0 or service.log_lines < 1:
        raise InvalidInput(f"{name}: timeout and log_lines are more than 0, and stable_for is not negative.")
