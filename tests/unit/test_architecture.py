# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/architecture.md: imports go down only, what is pure touches nothing, CQL text is made in one package."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from noxfile import MUTATED

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGINS = REPOSITORY / "plugins"
UTILS = PLUGINS / "module_utils"
PACKAGE = "ansible_collections.stellarmap.cassandra.plugins."
FILES = sorted(
    path for path in PLUGINS.rglob("*.py") if "doc_fragments" not in path.parts and path.name != "__init__.py"
)

# What a pure file does not import.
OUTSIDE = set(
    "ansible cassandra fcntl http multiprocessing os pathlib shutil smtplib socket ssl subprocess tempfile threading "
    "urllib.request".split()
)
# How a statement begins, and what stands before a value in a sentence that holds one.
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE|TRUNCATE|USE|GRANT|REVOKE|LIST|DESCRIBE|BEGIN|(ALTER|CREATE|DROP) [A-Z]+) \S"
)
BEFORE_VALUE = re.compile(r"\b(FROM|INTO|TABLE|KEYSPACE|UPDATE|WHERE|SELECT|ADD|DROP|OF|SET|TO|USE) \(?$")
TEMPLATE = re.compile(r"\b(SELECT|FROM|INTO|TABLE|KEYSPACE|UPDATE|DELETE|WHERE|ADD|DROP|SET|USE)\b[^\n#{]*\{\{")


# From the bottom up: a package imports packages of lower layers only.
LAYERS: tuple[set[str], ...] = (
    {"_errors", "_place", "_python", "_clean", "_flock"},
    {"_driver", "_cql"},
    {"_connection", "_module"},
    {"_runner", "_schema", "_http"},
    {"_query", "_canary", "_source", "_service", "plugin_utils"},
    {"_migration"},
    {"_draft"},
    {"modules", "filter", "lookup"},
    {"action"},
)
# Who knows Ansible, and who knows the driver; modules use AnsibleModule by C(_module).
KNOW_ANSIBLE = {"_connection", "_module", "_http", "plugin_utils", "action", "lookup"}
KNOW_THE_DRIVER = {"_driver", "_connection", "_query"}
# They open no file, no connection and no process.
PURE = {"_errors", "_clean", "_cql", "_migration"}
# The parts of _schema, from the bottom up, and what of it reaches no server.
PARTS = ("catalog", "planning", "")
PURE_STEPS = ("planning", "definition", "request", "run", "result")


def place(path: Path) -> tuple[str, ...]:
    return path.relative_to(PLUGINS).with_suffix("").parts


def package_of(parts: tuple[str, ...]) -> str:
    return parts[1] if parts[0] == "module_utils" else parts[0]


@functools.cache
def imports(path: Path) -> list[tuple[str, ...]]:
    """What a file imports: of the collection by its place below plugins, of others by the names."""
    return list(_imports(path))


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def _imports(path: Path) -> Iterator[tuple[str, ...]]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple((node.module or "").split(".")) if node.module else ()
            if node.level:
                names = (*place(path)[: -node.level], *names)
                yield from [names] if len(names) > 1 else [(*names, alias.name) for alias in node.names]
            else:
                yield tuple(".".join(names).removeprefix(PACKAGE).split("."))


def imported(path: Path) -> set[str]:
    """The packages that a file imports, with C(ansible) and C(cassandra)."""
    ours = {"module_utils", "plugin_utils", "action", "filter", "modules", "ansible", "cassandra"}
    found = {package_of(parts) if len(parts) > 1 else parts[0] for parts in imports(path) if parts[0] in ours}
    return found - {package_of(place(path))}


def texts(path: Path) -> Iterator[tuple[str, bool]]:
    """The texts in the code of a file, without documentation; with each, whether a value follows it."""
    bodies = [node.body for node in nodes(path) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))]
    skipped = {id(part.value) for body in bodies for part in body[:1] if isinstance(part, ast.Expr)}
    documents = ("DOCUMENTATION", "EXAMPLES", "RETURN")
    for node in nodes(path):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in documents:
            skipped.add(id(node.value))
    for node in nodes(path):
        if isinstance(node, ast.JoinedStr):
            for part, after in zip(node.values, [*node.values[1:], None]):
                if isinstance(part, ast.Constant):
                    skipped.add(id(part))
                    yield str(part.value), isinstance(after, ast.FormattedValue)
        elif (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, (ast.Add, ast.Mod))
            and isinstance(node.left, ast.Constant)
        ):
            skipped.add(id(node.left))
            yield str(node.left.value), True
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value, False


PACKAGES = {package_of(place(path)) for path in FILES}


def test_each_package_has_a_layer() -> None:
    assert PACKAGES - set().union(*LAYERS) == set()


def _above(path: Path) -> set[str]:
    package = package_of(place(path))
    number = next(number for number, layer in enumerate(LAYERS) if package in layer)
    outside = {"ansible" if package in KNOW_ANSIBLE else "", "cassandra" if package in KNOW_THE_DRIVER else ""}
    return imported(path) - outside - set().union(*LAYERS[:number])


def _touched(path: Path) -> set[str]:
    return {name for parts in imports(path) for name in (parts[0], ".".join(parts))} & OUTSIDE


def test_imports_go_down() -> None:
    assert [(path, _above(path)) for path in FILES if _above(path)] == []


def test_what_is_pure_touches_nothing() -> None:
    pure = [path for path in FILES if package_of(place(path)) in PURE]
    assert [(path, _touched(path)) for path in pure if _touched(path)] == []


def _part(parts: tuple[str, ...]) -> str:
    return parts[2] if len(parts) > 2 and parts[2] in PARTS else ""


OF_FLOW = [path for path in FILES if package_of(place(path)) == "_schema"]


@pytest.mark.parametrize("path", OF_FLOW, ids=lambda path: "/".join(place(path)[2:]))
def test_a_part_of_the_flow_imports_none_above_it(path: Path) -> None:
    found = {_part(parts) for parts in imports(path) if package_of(parts) == "_schema"}
    assert max(map(PARTS.index, found), default=0) <= PARTS.index(_part(place(path)))


@pytest.mark.parametrize("path", [path for path in OF_FLOW if place(path)[2] in PURE_STEPS], ids=lambda path: path.stem)
def test_a_pure_step_of_the_flow_reaches_no_server(path: Path) -> None:
    """Neither itself nor by what it imports of its own package."""
    waiting, seen = [path], set()
    while waiting:
        one = waiting.pop()
        seen.add(one)
        assert "_connection" not in imported(one), one
        inside = (parts for parts in imports(one) if parts[:2] == ("module_utils", "_schema") and len(parts) > 2)
        waiting += {UTILS.parent.joinpath(*parts).with_suffix(".py") for parts in inside} - seen


def made_in(path: Path) -> list[str]:
    """What a file has of CQL."""
    return [text for text, valued in texts(path) if STATEMENT.match(text) or (valued and BEFORE_VALUE.search(text))]


def test_cql_is_made_in_one_package() -> None:
    made = {path: made_in(path) for path in FILES if package_of(place(path)) != "_cql"}
    assert {path: found for path, found in made.items() if found} == {}


PLAYS = sorted(
    path
    for folder in ("roles", "playbooks")
    for path in (REPOSITORY / folder).rglob("*")
    if path.suffix in (".yml", ".j2", ".yaml") and path.name != "argument_specs.yml"
)


def test_no_play_composes_cql() -> None:
    assert [path for path in PLAYS if TEMPLATE.search(path.read_text())] == []


@pytest.mark.parametrize(
    "line",
    [
        'query = f"SELECT a FROM {name}"',
        'query = "ALTER TABLE " + name',
        'query = "DELETE FROM %s" % name',
        'raise Refused(f"run GRANT ALTER ON TABLE {name}")',
        'QUERY = "SELECT a FROM b"',
    ],
)
def test_cql_is_found_where_it_is(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.py").write_text(f'"""SELECT a FROM b."""\n{line}\n')
    assert made_in(tmp_path / "a.py")


def test_only_one_file_makes_a_cluster() -> None:
    makers = [
        path for path in FILES if re.search(r"\bCluster\(\s*\n", path.read_text()) and "cassandra" in imported(path)
    ]
    assert [path.parent.name for path in makers] == ["_connection"]


@pytest.mark.parametrize("path", sorted((PLUGINS / "modules").glob("cassandra_*.py")), ids=lambda path: path.stem)
def test_modules_are_thin(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    main = next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == "main")
    # The options, and one call.
    assert len(main.body) <= 2


def test_what_is_mutated_is_there_and_has_tests() -> None:
    """Otherwise C(make mutants) ends at the first file that is not."""
    tests = REPOSITORY / "tests" / "unit" / "plugins" / "module_utils"
    assert [name for name in MUTATED if not (UTILS / name).is_file() or not (tests / name.split("/")[0]).is_dir()] == []
