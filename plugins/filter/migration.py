# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Views of a plan and of a report; each filter is documented in a file of its name beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.stellarmap.cassandra.plugins.module_utils._migration import (
    added,
    drift,
    drift_report,
    outcome,
    report,
    report_html,
    report_markdown,
)
from ansible_collections.stellarmap.cassandra.plugins.module_utils._schema import cql_file, saved_plan
from ansible_collections.stellarmap.cassandra.plugins.plugin_utils._filters import explained


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {name: explained(work) for name, work in _FILTERS.items()}


def reverse_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The saved plan that takes this one back."""
    return saved_plan.reverse_plan(saved_plan.read_plan(plan))


def drift_findings(
    definition: Mapping[str, Any],
    tables: Sequence[Mapping[str, Any]],
    models: Sequence[Mapping[str, Any]],
    cluster: str,
) -> list[dict[str, Any]]:
    """The findings; C(tables) and C(models) are the results of loops over those of the definition."""
    found = [
        finding
        for table, answer in zip(definition["tables"], tables)
        for finding in drift.table_findings(cluster, table, answer)
    ]
    for answer in models:
        found += drift.model_findings(cluster, answer["item"], answer, definition["tables"])
    return [finding._asdict() for finding in found]


def drift_not_compared(clusters: Sequence[str]) -> list[dict[str, str]]:
    """A finding for each cluster of which nothing is known."""
    return [finding._asdict() for finding in drift.not_compared(clusters)]


_FILTERS: dict[str, Callable[..., Any]] = {
    "column_changes": added.column_changes,
    "drift_findings": drift_findings,
    "drift_junit": drift_report.as_junit,
    "drift_not_compared": drift_not_compared,
    "drift_table": drift_report.as_table,
    "fleet_page": report_html.fleet_page,
    "fleet_text": report.fleet_text,
    "migration_cql": cql_file.offline_file,
    "migration_report": outcome.make_report,
    "plan_cql": cql_file.plan_file,
    "plan_markdown": report_markdown.plan_as_markdown,
    "plan_tables": saved_plan.requested_tables,
    "report_failure": outcome.sentence,
    "report_markdown": report_markdown.as_markdown,
    "report_subject": report.subject,
    "report_text": report.as_text,
    "reverse_plan": reverse_plan,
}
