# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arrows go down: which room of module_utils may import which (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ROOMS = PLUGINS / "module_utils"
PACKAGE = "ansible_collections.stellarmap.cassandra.plugins.module_utils"

MAY_IMPORT = {
    "_errors": set(),
    "_driver": {"_errors"},
    "_cql": {"_errors"},
    "_connection": {"_cql", "_driver", "_errors"},
    "_schema": {"_cql", "_connection", "_errors"},
    "_query": {"_cql", "_connection", "_errors", "_schema"},
    "_canary": {"_cql", "_connection", "_errors", "_schema"},
    "_checks": {"_cql", "_errors"},
    "_source": {"_errors", "_runner"},
    "_workflow": {"_errors", "_runner"},
    "_runner": {"_connection", "_driver", "_errors"},
}
# What touches the world; all other files of _cql and _schema know the standard library and their neighbours only.
IMPURE = {f"_schema/{name}.py" for name in "agreement apply context ensure info lock observe preflight verify".split()}
FILES = sorted(
    path
    for path in ROOMS.rglob("*.py")
    if path.name != "__init__.py" and path.relative_to(ROOMS).parts[0].removesuffix(".py") in MAY_IMPORT
)


def rooms_imported(path: Path) -> set[str]:
    """The rooms which a file imports, its own left out."""
    here = path.relative_to(ROOMS).with_suffix("").parts
    found = set()
    for statement in ast.walk(ast.parse(path.read_text())):
        if not isinstance(statement, ast.ImportFrom):
            continue
        if statement.level:
            parts = (*here[: len(here) - statement.level], *(statement.module or "").split("."))
            names = [part for part in parts if part] or [alias.name for alias in statement.names]
            found.add(names[0])
        elif (statement.module or "").startswith(PACKAGE + "."):
            found.add((statement.module or "").removeprefix(PACKAGE + ".").split(".")[0])
    return found - {here[0]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOMS)))
def test_a_room_imports_only_what_is_below_it(path: Path) -> None:
    room = path.relative_to(ROOMS).parts[0].removesuffix(".py")
    assert rooms_imported(path) <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOMS)))
def test_who_knows_the_driver_and_ansible(path: Path) -> None:
    name = str(path.relative_to(ROOMS))
    imported = set()
    for statement in ast.walk(ast.parse(path.read_text())):
        if isinstance(statement, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            imported.add((statement.module or "").split(".")[0])
    if "ansible" in imported:
        assert name in ("_runner.py", "_connection/options.py") or name.startswith("_workflow/")
    if "cassandra" in imported:
        assert name.startswith(("_connection/", "_query/"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOMS)))
def test_the_pure_rooms_touch_nothing(path: Path) -> None:
    name = str(path.relative_to(ROOMS))
    if name.startswith(("_cql/", "_schema/")) and name not in IMPURE:
        assert "_connection" not in rooms_imported(path)


def test_only_one_file_makes_a_cluster() -> None:
    assert [
        path.name for path in FILES if "Cluster(\n" in path.read_text() and "cassandra.cluster" in path.read_text()
    ] == ["cluster.py"]


@pytest.mark.parametrize("path", sorted((PLUGINS / "modules").glob("cassandra_*.py")), ids=lambda path: path.stem)
def test_modules_are_thin(path: Path) -> None:
    main = next(
        one for one in ast.parse(path.read_text()).body if isinstance(one, ast.FunctionDef) and one.name == "main"
    )
    # The options, and one call.
    assert len(main.body) <= 2
