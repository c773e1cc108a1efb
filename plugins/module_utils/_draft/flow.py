# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flow of C(cassandra_models_info): read the model files, read their tables, compare, write the draft as a text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from .._connection.session import Session
from .._cql.identifier import display_name, parse_name
from .._errors import InvalidInput
from .._schema.catalog.model import Table
from .._schema.info import cluster_facts
from .._schema.observe import observe, table_missing
from .._schema.planning.desired import Desired
from .._source.file import read_file
from .compare import DraftColumn, make_draft
from .fields import Undecided
from .file_text import draft_text
from .files import Files
from .models import FileRead, Model, read_models

_SKIPPED = ("__pycache__", "node_modules", "site-packages", "migrations")
_MOST_FILES = 2000


def read_wanted(params: Mapping[str, Any]) -> FileRead:
    """The models that the options name; raises InvalidInput if there are none, or if one has no keyspace."""
    keyspace = parse_name(params["keyspace"], "keyspace") if params["keyspace"] else None
    paths = [path for path in params["models"] if path.strip()]
    if not paths:
        raise InvalidInput("No model files are given: name a Python file, or a folder of them.")
    files = Files(_content)
    read = [_read(path, is_named, files, keyspace) for path, is_named in dict(_files(paths)).items()]
    homeless = [name for one in read for name in one.homeless]
    if homeless:
        raise InvalidInput(
            f"No keyspace is known for {', '.join(homeless[:3])}{' and others' if len(homeless) > 3 else ''}: the class "
            "has no __keyspace__ that the file writes out. Name the keyspace that your application connects to."
        )
    models = tuple(model for one in read for model in one.models)
    undecided = tuple(entry for one in read for entry in one.undecided)
    unread = tuple(entry for one in read for entry in one.unread)
    if not models and not undecided and not unread:
        raise InvalidInput(
            f"{', '.join(paths)} has no model: no class there derives from Model of cassandra.cqlengine.models, or from "
            "DjangoCassandraModel of django_cassandra_engine.models."
        )
    return FileRead(models, undecided, unread=unread)


def compare_models(session: Session, wanted: FileRead, _check: bool) -> dict[str, Any]:
    """The module's result."""
    names = list(dict.fromkeys(model.table for model in wanted.models))
    cluster, tables, _more = observe(session, [Desired(name) for name in names])
    found = dict(zip(names, tables))
    missing = {name: table_missing(session, name).message for name, table in found.items() if not table.columns}
    draft = make_draft(wanted.models, found, missing)
    draft = draft._replace(undecided=(*wanted.unread, *wanted.undecided, *draft.undecided))
    return {
        "changed": False,
        "cluster": cluster_facts(cluster),
        "compared": [_model_facts(model) for model in wanted.models],
        "draft": draft_text(draft, os.getcwd()),
        "tables": [
            {"keyspace": name.keyspace, "table": name.name, "columns": [*map(_column_facts, columns)]}
            for name, columns in draft.tables.items()
        ],
        "undecided": [one._asdict() for one in draft.undecided],
    }


def draft_of_models(path: str, keyspace: str) -> tuple[str, list[dict[str, str]]]:
    """The migration file for all that the models need, whatever their tables have, and the files that could not be read.

    Raises InvalidInput.
    """
    wanted = read_wanted({"models": [path], "keyspace": keyspace})
    nothing = {model.table: Table(model.table, ()) for model in wanted.models}
    text = draft_text(make_draft(wanted.models, nothing, {}), os.getcwd())
    if not text:
        why = "".join(f" {one.what}" for one in wanted.unread)
        raise InvalidInput(f"The models of {path} have no column that is clear, besides those of their keys.{why}")
    return text, [{"path": one.path, "msg": one.what} for one in wanted.unread]


def _files(paths: list[str]) -> Iterator[tuple[str, bool]]:
    """Each file, and whether it was named itself; raises InvalidInput if there is no such path."""
    for path in paths:
        if not os.path.isdir(path):
            yield os.path.normpath(path), True
            continue
        found = list(_below(path))
        if len(found) > _MOST_FILES:
            raise InvalidInput(f"{path} holds more than {_MOST_FILES} Python files: name the folder of the models.")
        yield from ((file, False) for file in found)


def _below(path: str) -> Iterator[str]:
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(one for one in folders if one not in _SKIPPED and not one.startswith("."))
        yield from (os.path.normpath(os.path.join(folder, name)) for name in sorted(files) if name.endswith(".py"))


def _read(path: str, is_named: bool, files: Files, keyspace: str | None) -> FileRead:
    try:
        file = files.file(path)
        if file is None:
            raise InvalidInput(f"{path} cannot be read: there is no such file.")
        return read_models(file, keyspace)
    except InvalidInput as error:
        if is_named:
            raise
        # A folder may hold files of another version of Python: the others are compared, and this one is listed.
        return FileRead((), (), unread=(Undecided(error.message, path, 1, ""),))
    except (RecursionError, MemoryError) as error:
        raise InvalidInput(f"{path} is nested too deeply, or too large, to be read.") from error


def _content(path: str) -> bytes | None:
    return read_file(path) if os.path.exists(path) else None


def _model_facts(model: Model) -> dict[str, Any]:
    table = {"keyspace": display_name(model.table.keyspace), "table": display_name(model.table.name)}
    facts = {"path": model.path, "line": model.line, "class_name": model.name}
    return {**facts, **table, "unknown_bases": list(model.unknown)}


def _column_facts(one: DraftColumn) -> dict[str, Any]:
    facts = {"name": one.column.name, "type": str(one.column.type), "static": one.column.static, "present": one.present}
    field = {name: getattr(one.field, name) for name in ("path", "line", "class_name", "commented")}
    return {**facts, **field, "field": one.field.name}
