# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Views of a plan, a report and a comparison; each filter is documented in a file of its name next to this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils._migration import application, drift, drift_report, markdown, report
from ..module_utils._schema.planning import cql_file, reverse, saved_plan
from ..plugin_utils._filters import explained


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "column_changes": explained(application.column_changes),
            "drift_findings": explained(drift_findings),
            "drift_junit": explained(drift_report.as_junit),
            "migration_cql": explained(cql_file.offline_file),
            "plan_cql": explained(cql_file.plan_file),
            "plan_markdown": explained(markdown.plan_as_markdown),
            "report_markdown": explained(markdown.as_markdown),
            "report_text": explained(report.as_text),
            "reverse_plan": explained(reverse_plan),
        }


def reverse_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The saved plan that takes this one back."""
    return reverse.reverse_plan(saved_plan.read_plan(plan))


def drift_findings(
    tables: Sequence[Mapping[str, Any]], observed: Mapping[str, Any], cluster: str
) -> list[dict[str, Any]]:
    """The differences between tables as they are listed, and what C(cassandra_column) says of them in check mode."""
    return [{"cluster": cluster, **finding._asdict()} for finding in drift.file_findings(tables, observed)]
