# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a comparison as one table, and as JUnit's XML for a pipeline; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from .drift import DIFFERENCE

_TITLES = {"cluster": "CLUSTER", "where": "WHERE", "what": "WHAT WAS FOUND", "way_out": "WAY OUT"}


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
    return "\n".join([*lines, _count(findings, compared)])


def as_junit(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """A test case for each cluster and each finding: a difference is a failure, and what was not compared is an error."""
    suites = ElementTree.Element("testsuites", name="drift")
    for cluster in compared:
        found = [finding for finding in findings if finding["cluster"] == cluster]
        failures = sum(finding["kind"] == DIFFERENCE for finding in found)
        facts = {"name": cluster, "tests": str(max(1, len(found)))}
        facts |= {"failures": str(failures), "errors": str(len(found) - failures)}
        suite = ElementTree.SubElement(suites, "testsuite", facts)
        if not found:
            ElementTree.SubElement(suite, "testcase", classname=cluster, name="nothing differs")
        for finding in found:
            case = ElementTree.SubElement(suite, "testcase", classname=cluster, name=str(finding["where"]))
            message = {"message": str(finding["what"])}
            tag = "failure" if finding["kind"] == DIFFERENCE else "error"
            ElementTree.SubElement(case, tag, message).text = f"{finding['what']} {finding['way_out']}"
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _count(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """How many differences there are, and how much could not be compared, in a few words."""
    kinds = {
        is_known: [one for one in findings if (one["kind"] == DIFFERENCE) is is_known] for is_known in (True, False)
    }
    words = []
    if kinds[True]:
        differing = len({finding["cluster"] for finding in kinds[True]})
        number = len(kinds[True])
        words.append(f"{number} difference{'s' * (number != 1)} on {differing} of {len(compared)} clusters")
    if kinds[False]:
        where = ", ".join(dict.fromkeys(f"{one['cluster']}" for one in kinds[False]))
        words.append(f"{len(kinds[False])} not compared on {where}")
    return "; ".join(words)
