# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a draft, as the report and the text for the screen; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._clean import clean, one_line
from .._migration.counts import plural
from .._migration.failed import failure_of, is_failure
from .._migration.report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, cluster_line
from .file_text import place_text

Data = Mapping[str, Any]


def draft_report(result: Data, path: str, before: str | None, host: str, check_mode: bool) -> dict[str, Any]:
    """The report; C(result) is that of C(cassandra_models_info), C(before) what the file says now, or None without one.

    C(writes) says whether the draft is to be written.
    """
    report = {"mode": "draft", "host": host, "check_mode": check_mode, "path": path, "writes": False, "hint": ""}
    failure = _failure(result, path, before)
    if failure:
        return dict(clean({**report, **failure, "outcome": FAILED, "text": ""}))
    writes = bool(result["draft"] and path and before is None)
    is_shown = bool(result["draft"]) and (not path or (writes and check_mode))
    outcome = DRY_RUN if is_shown else WAITING if result["undecided"] else COMPLETE if writes else UNCHANGED
    report |= {key: result[key] for key in ("cluster", "compared", "tables", "undecided", "draft")}
    report |= {"writes": writes and not check_mode, "outcome": outcome}
    lines = list(_lines(report, before is not None))
    return {**clean(report), "text": "\n".join(lines), "msg": next(one for one in lines if one.startswith("Draft: "))}


def _failure(result: Data, path: str, before: str | None) -> dict[str, str]:
    """What failed, at which step; nothing if nothing did."""
    if is_failure(result):
        kind, message = failure_of(result)
        return {"failed_step": "models", "failure": kind, "msg": message}
    if result["draft"] and before not in (None, result["draft"]):
        message = (
            f"{path} was not written: it exists and says something else than this draft. Name another file as draft_file, or "
            "remove this one."
        )
        return {"failed_step": "draft", "failure": "refused", "msg": message}
    return {}


def _lines(report: Data, exists: bool) -> Iterator[str]:
    yield f"Cluster {cluster_line(report['cluster'])}"
    for one in report["compared"]:
        if one["unknown_bases"]:
            place = place_text(one["path"], one["line"], one["class_name"])
            yield f"Not compared, because their files were not found: {one_line(', '.join(one['unknown_bases']))} of {place}"
    if report["draft"]:
        yield str(clean(report["draft"])).rstrip()
    for one in [] if report["draft"] else report["undecided"]:
        yield f"To decide: {place_text(one['path'], one['line'], one['class_name'])}: {one_line(one['what'])}"
    columns = [column for table in report["tables"] for column in table["columns"]]
    missing, fields = sum(not one["present"] for one in columns), sum(one["commented"] for one in columns)
    counts = f"{plural(missing, 'column')} to add, {plural(fields, 'field')} to enable"
    yield f"Draft: {counts}, {plural(len(report['undecided']), 'thing')} to decide. {_written(report, exists)}"
    if report["draft"] and report["path"]:
        yield "Next: read the file, then look at what it would change:"
        yield f"  ansible-playbook stellarmap.cassandra.migrate -e migration_file={report['path']} --check"
    elif report["draft"]:
        yield "To write it, add -e draft_file=new.yml."


def _written(report: Data, exists: bool) -> str:
    path = one_line(report["path"])
    if report["draft"] and not path:
        return "No file was written."
    if report["draft"] and exists:
        return f"{path} says this already."
    if report["draft"]:
        return f"The file {'would be' if report['check_mode'] else 'is'} written to {path}."
    if report["undecided"]:
        return "Nothing is missing in what could be compared. No file was written."
    return "Nothing is missing: the tables have what the models need. No file was written."
