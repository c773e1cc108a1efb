# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a feature that tracks its work in columns works, judged by the rows it wrote: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from .._cql.identifier import parse_name
from .._errors import InvalidInput

OK, NOT_YET, FAILED, STUCK = "ok", "not_yet", "failed", "stuck"
_LISTED = 50

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Feature:
    """Which columns tell what; those that are None are not checked."""

    now: datetime
    source_column: str | None = None
    allowed_sources: tuple[str, ...] = ()
    tracking_column: str | None = None
    tracking_sources: tuple[str, ...] = ()
    since: datetime | None = None
    started_column: str | None = None
    stuck_after: timedelta = timedelta(hours=1)
    stuck_where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    key_columns: tuple[str, ...] = ()
    fail_on_stuck: bool = False


def read_feature(options: Mapping[str, Any]) -> Feature:
    """The feature in plain options, times as text; raises InvalidInput."""
    since = options.get("since")
    return Feature(
        now=read_time(options["now"]) or datetime.now(timezone.utc),
        source_column=_name(options.get("source_column")),
        allowed_sources=tuple(options.get("allowed_sources") or ()),
        tracking_column=_name(options.get("tracking_column")),
        tracking_sources=tuple(options.get("tracking_sources") or ()),
        since=read_time(since) if since else None,
        started_column=_name(options.get("started_column")),
        stuck_after=timedelta(seconds=float(options.get("stuck_after", 3600))),
        stuck_where={parse_name(name): values for name, values in (options.get("stuck_where") or {}).items()},
        key_columns=tuple(options.get("key_columns") or ()),
        fail_on_stuck=bool(options.get("fail_on_stuck")),
    )


def judge(feature: Feature, rows: Sequence[Row], complete: bool) -> dict[str, Any]:
    """The outcome (ok, not_yet or failed) with the facts behind it; C(complete) says whether these are all rows."""
    parts: dict[str, dict[str, Any]] = {}
    if feature.source_column:
        parts["sources"] = _sources(feature, rows)
    if feature.tracking_column:
        parts["tracking"] = _tracking(feature, rows)
    if feature.started_column:
        parts["stuck"] = _stuck(feature, rows)
    statuses = {part["status"] for part in parts.values()}
    failed = FAILED in statuses or (feature.fail_on_stuck and STUCK in statuses)
    return {
        "outcome": FAILED if failed else NOT_YET if NOT_YET in statuses else OK,
        **parts,
        "rows_read": len(rows),
        "complete": complete,
        "sentences": [part["sentence"] + ("" if complete else _BOUND.format(len(rows))) for part in parts.values()],
    }


_BOUND = " (of the first {} rows: the table has more)"


def read_time(value: Any) -> datetime | None:
    """A time as a server or a person writes it: ISO 8601, or milliseconds since the epoch; raises InvalidInput."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value / 1000, timezone.utc)
    text = str(value).strip()
    # Years that Cassandra can hold and Python cannot have a sign.
    if text[:1] in ("+", "-"):
        return (datetime.max if text[0] == "+" else datetime.min).replace(tzinfo=timezone.utc)
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidInput(f"{value!r} is no time: write it like 2026-11-23T18:00:00Z.") from None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _sources(feature: Feature, rows: Sequence[Row]) -> dict[str, Any]:
    # Nothing and an empty text both mean that no pipeline has set it yet.
    counts = Counter(row.get(feature.source_column or "") or "" for row in rows)
    none = counts.pop("", 0)
    unexpected = {source: count for source, count in counts.items() if source not in feature.allowed_sources}
    status = FAILED if unexpected else OK if counts else NOT_YET
    told = ", ".join(f"{source}: {count}" for source, count in sorted(counts.items())) or "no row has a source yet"
    wrong = f"; not allowed: {', '.join(sorted(unexpected))}" if unexpected else ""
    return {
        "status": status,
        "counts": dict(sorted(counts.items())),
        "none": none,
        "unexpected": unexpected,
        "sentence": f"Sources: {told}; without: {none}{wrong}",
    }


def _tracking(feature: Feature, rows: Sequence[Row]) -> dict[str, Any]:
    times = [read_time(row.get(feature.tracking_column or "")) for row in rows if _tracked_source(feature, row)]
    tracked = [time for time in times if time and (feature.since is None or time >= feature.since)]
    since = f" since {_text(feature.since)}" if feature.since else ""
    latest = f", the latest at {_text(max(tracked))}" if tracked else ""
    return {
        "status": OK if tracked else NOT_YET,
        "count": len(tracked),
        "latest": _text(max(tracked)) if tracked else None,
        "sentence": f"Tracked records{since}: {len(tracked)}{latest}",
    }


def _tracked_source(feature: Feature, row: Row) -> bool:
    return not feature.tracking_sources or row.get(feature.source_column or "") in feature.tracking_sources


def _stuck(feature: Feature, rows: Sequence[Row]) -> dict[str, Any]:
    limit = feature.now - feature.stuck_after
    found = []
    for row in rows:
        started = read_time(row.get(feature.started_column or ""))
        if started and started < limit and all(row.get(name) in values for name, values in feature.stuck_where.items()):
            found.append((started, {name: row.get(name) for name in feature.key_columns}))
    found.sort(key=lambda one: one[0])
    records = [{"key": key, "started": _text(started)} for started, key in found[:_LISTED]]
    oldest = f", the oldest since {records[0]['started']}: {records[0]['key']}" if records else ""
    return {
        "status": STUCK if found else OK,
        "count": len(found),
        "records": records,
        "sentence": f"Stuck for more than {feature.stuck_after}: {len(found)}{oldest}",
    }


def _name(text: str | None) -> str | None:
    return parse_name(text) if text else None


def _text(time: datetime | None) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""
