# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file below the modules that knows AnsibleModule: it turns work into results and failures into one answer.

A module that opens no session imports only this: a process compiles what it imports again each time.
"""

from __future__ import annotations

import atexit
import gc
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._clean import clean, one_line
from ._errors import Failure

Result = dict[str, Any]

# Words of ansible-core 2.16 to 2.21. AnsibleModule leaves out of a list what it cannot convert, and only they say so. With other
# words a message stays as it is.
_WRONG_ITEM = "option '{}' is of type"
_LIST_OF_OPTIONS = ". Supported parameters include:"


class Module(AnsibleModule):  # type: ignore[misc]
    """The same, with the option that is likely to be meant by one that there is not."""

    def __init__(self, **arguments: Any) -> None:
        # Without this an interpreter that ends looks through all objects once more: a tenth of a module's time.
        atexit.register(gc.freeze)
        self._kind = "invalid_input"
        super().__init__(supports_check_mode=True, **arguments)
        self._kind = "unexpected"

    def warn(self, warning: str) -> None:
        super().warn(one_line(warning))

    def fail_json(self, msg: str, **facts: Any) -> None:
        super().fail_json(
            explain_options(msg, self.argument_spec, self.params, os.environ), **{"failure": self._kind, **facts}
        )


def explain_options(
    message: str, spec: Mapping[str, Any], given: Mapping[str, Any], environment: Mapping[str, str]
) -> str:
    """What Ansible says of the options, with those that are likely to be meant: a misspelled one is a missing one too."""
    unknown = dict(_unknown(spec, given))
    meant = [f"Did you mean '{similar}' by '{name}'?" for name, similar in unknown.items() if similar]
    if unknown and all(unknown.values()):
        # The list of all options says less than the one that is meant.
        message = message.split(_LIST_OF_OPTIONS)[0]
    meant += [*_shapes(message, spec, given), *_choices(spec, given), *_origins(spec, given, environment)]
    return f"{message.rstrip('.')}. {' '.join(meant)}" if meant else message


def _choices(spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """The choice that is likely to be meant by a value that is none."""
    from ._cql.identifier import nearest

    for name, option in spec.items():
        names = (name, *option.get("aliases", ()))
        value = next((given[one] for one in names if given.get(one) is not None), None)
        if "choices" in option and isinstance(value, str) and _is_wrong(option, value):
            similar = nearest(value, map(str, option["choices"]))
            yield from [f"Did you mean '{similar}'?"] if similar else ()


def _origins(spec: Mapping[str, Any], given: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    """The environment variable that gives a value which Ansible calls wrong by the name of the option."""
    for name, option in spec.items():
        names = option.get("fallback", ("", ()))[1]
        found = next((one for one in names if one in environment), None)
        if found and given.get(name) == environment[found] and _is_wrong(option, given[name]):
            yield f"Where the task does not give it, {name} comes from the environment variable {found}."


def _is_wrong(option: Mapping[str, Any], value: Any) -> bool:
    """Whether Ansible takes no such value for the option."""
    spec = {name: option[name] for name in ("type", "elements", "choices") if name in option}
    return bool(ArgumentSpecValidator({"value": spec}).validate({"value": value}).error_messages)


def _shapes(message: str, spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """What a list of mappings looks like, for each one that is something else."""
    for name, option in spec.items():
        value = given.get(name)
        if value is None or option.get("elements") != "dict":
            continue
        is_right = isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
        if not is_right or _WRONG_ITEM.format(name) in message:
            yield f"'{name}' is a list, and each of its items is a mapping, written as '- key: value' in YAML."


def _unknown(spec: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The options that there are not, each with the most similar one that there is and that is not given."""
    aliases = {alias for option in spec.values() for alias in option.get("aliases", ())}
    from ._cql.identifier import nearest

    for name, value in given.items():
        if name in spec and spec[name].get("options"):
            for entry in value if isinstance(value, list) else [value]:
                yield from _unknown(spec[name]["options"], entry) if isinstance(entry, Mapping) else ()
        elif name not in spec and name not in aliases and not str(name).startswith("_ansible"):
            # What the environment gives stands there too.
            free = [one for one in spec if given.get(one) is None or "fallback" in spec[one]]
            yield str(name), nearest(str(name), free)


class ModuleApi(Protocol):
    """What a module without a session needs of C(AnsibleModule) beside the parameters."""

    # What Ansible replaces wherever it appears in the result.
    no_log_values: set[str]

    def warn(self, warning: str) -> None:
        """Show a warning."""

    def backup_local(self, fn: str) -> str:
        """Copy a file beside itself; the path of the copy."""

    def atomic_move(self, src: str, dest: str) -> None:
        """Put a file in the place of another at once, with the mode and owner of that."""


# The parameters, whether it is a dry run, and what AnsibleModule offers.
LocalWork = Callable[[dict[str, Any], bool, ModuleApi], Mapping[str, Any]]


class LocalJob(NamedTuple):
    """What a module does that opens no session: its argument spec, and its work, which may move files by C(ModuleApi)."""

    options: Mapping[str, Any]
    work: LocalWork
    moves_files: bool = False

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of C(AnsibleModule) and of C(ArgumentSpecValidator)."""
        return {"argument_spec": dict(self.options)}


def run_local(job: LocalJob) -> None:
    """Run a module that opens no session."""
    module = Module(**job.arguments())
    finish(module, result_of(lambda: job.work(module.params, module.check_mode, module)))


def result_of(work: Callable[[], Mapping[str, Any]]) -> Result:
    """What comes back, or a failure as a result. An error of our own has its traceback."""
    try:
        return dict(work())
    except Failure as error:
        return {"failed": True, "msg": clean(error.message), "failure": error.kind, **error.facts}
    except Exception as error:
        name, outcome = type(error).__name__, getattr(error, "outcome", "")
        message = (
            f"Unexpected error in this module: {name}: {error}. {outcome} Report it as an issue of the collection."
        )
        text = traceback.format_exc()
        # What became of a change is said in any case; C(ensure) notes it in the error.
        facts = {
            "failed": True,
            "failure": "unexpected",
            **getattr(error, "facts", {}),
            "msg": clean(message.replace("  ", " ")),
        }
        # From ansible-core 2.19 on C(exception) is dropped unless ANSIBLE_DISPLAY_TRACEBACK asks for it.
        return {**facts, "exception": text, "traceback": text.splitlines()}


def finish(module: AnsibleModule, result: Result) -> None:
    (module.fail_json if result.get("failed") else module.exit_json)(**result)
