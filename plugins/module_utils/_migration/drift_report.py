# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a comparison as one table, and as JUnit's XML for a pipeline; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

_TITLES = {"cluster": "CLUSTER", "where": "WHERE", "what": "WHAT DIFFERS", "way_out": "WAY OUT"}


def as_table(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """One line per finding, or one line if nothing differs; C(compared) names the clusters."""
    where = ", ".join(compared)
    if not findings:
        return f"Nothing differs: files, tables and models say the same on {where}."
    rows = [_TITLES, *findings]
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("cluster", "where", "what")}
    lines = [
        "  ".join([*(str(row[key]).ljust(width) for key, width in widths.items()), str(row["way_out"])]) for row in rows
    ]
    differing = len({finding["cluster"] for finding in findings})
    count = f"{len(findings)} difference{'s' * (len(findings) != 1)}"
    return "\n".join([*lines, f"{count} on {differing} of {len(compared)} clusters"])


def as_junit(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """A test case for each cluster and each finding: a pipeline shows each difference as a failed test."""
    suites = ElementTree.Element("testsuites", name="drift")
    for cluster in compared:
        found = [finding for finding in findings if finding["cluster"] == cluster]
        facts = {"name": cluster, "tests": str(max(1, len(found))), "failures": str(len(found))}
        suite = ElementTree.SubElement(suites, "testsuite", facts)
        if not found:
            ElementTree.SubElement(suite, "testcase", classname=cluster, name="nothing differs")
        for finding in found:
            case = ElementTree.SubElement(suite, "testcase", classname=cluster, name=str(finding["where"]))
            message = {"message": str(finding["what"])}
            ElementTree.SubElement(case, "failure", message).text = f"{finding['what']} {finding['way_out']}"
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
