# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many clusters in one run: which of them are the same one, and how each did; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._clean import clean, one_line
from .._errors import InvalidInput
from .counts import table_name
from .report import COMPLETE, DRY_RUN, FAILED, UNCHANGED, WAITING, Report, cluster_line, summary

Reports = Mapping[str, "Report | None"]

_CONTACTS = ("login_host", "secure_connect_bundle", "login_region")


def check_connection(host: str, connection: Mapping[str, Any]) -> None:
    """Raise InvalidInput if a host of several has no cluster of its own: all of them would change the default one."""
    if not any(connection.get(key) for key in _CONTACTS):
        raise InvalidInput(
            f"The host {host} has no connection of its own, and would change the default cluster as any other host without "
            "one. Set migration_connection in its host variables, such as {login_host: db1.example.com}."
        )


def same_cluster(host: str, result: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> str:
    """A sentence if another host changes the same table of the same cluster, by the ids of its nodes; empty if none does.

    C(result) and C(others) are results of C(cassandra_column), by the name of their host.
    """
    mine, tables = _nodes(result), _tables(result)
    for other, found in others.items():
        both = tables & _tables(found)
        if other != host and mine & _nodes(found) and both:
            first, second = sorted((host, other))
            return (
                f"The hosts {first} and {second} are the same Cassandra cluster (node {sorted(mine & _nodes(found))[0]}), and "
                f"both are to change {', '.join(sorted(both))}. Give each of them its own migration_connection, or remove one."
            )
    return ""


def fleet_report(reports: Reports) -> dict[str, Any]:
    """The report of the whole run: C(reports) maps each cluster to its report, or to None if it was not started."""
    outcomes = _outcomes(reports)
    outcome = next((one for one in (FAILED, WAITING, DRY_RUN, COMPLETE) if one in outcomes.values()), UNCHANGED)
    sentence = f"Clusters: {len(reports)}: {count_outcomes(reports)}."
    data: dict[str, Any] = clean({"mode": "fleet", "outcome": outcome, "outcomes": outcomes, "clusters": dict(reports)})
    return {**data, "text": "\n".join([*_lines(reports), sentence]), "msg": sentence}


def count_outcomes(reports: Reports) -> str:
    """How many clusters have which outcome."""
    found = list(_outcomes(reports).values())
    return ", ".join(f"{found.count(one)} {one.replace('_', ' ')}" for one in dict.fromkeys(found))


def _outcomes(reports: Reports) -> dict[str, str]:
    return {name: report["outcome"] if report else "not_started" for name, report in reports.items()}


def _lines(reports: Reports) -> Iterator[str]:
    """The outcome of each cluster in a line, and why it failed."""
    width = max((len(one_line(name)) for name in reports), default=0)
    for name, report in reports.items():
        shown = one_line(name).ljust(width)
        if not report:
            yield f"{shown}  not started"
            continue
        cluster = cluster_line(report.get("cluster") or {})
        yield f"{shown}  {cluster + ': ' if cluster else ''}{summary(report)}"
        if report["outcome"] == FAILED:
            yield f"{' ' * width}    {one_line(report.get('msg') or 'No reason was given.')}"


def unreached(hosts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The report of hosts from which none came: Ansible lost them."""
    reason = "No report came from this host: Ansible lost it. Read its failure above."
    empty = {"outcome": FAILED, "failure": "host_unreachable", "failed_step": "preparation", "msg": reason}
    return {host: {**empty, "title": "migration", "host": host, "hint": ""} for host in hosts}


def _nodes(result: Mapping[str, Any]) -> set[str]:
    return {str(node["host_id"]) for node in (result.get("cluster") or {}).get("nodes") or []}


def _tables(result: Mapping[str, Any]) -> set[str]:
    return set(map(table_name, result.get("tables") or []))
