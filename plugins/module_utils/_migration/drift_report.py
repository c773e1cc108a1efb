# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a comparison as one table, and as JUnit's XML for a pipeline; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from .._clean import clean, one_line
from .counts import plural
from .drift import DIFFERENCE, NOT_COMPARED, Finding

_TITLES = {"cluster": "CLUSTER", "place": "PLACE", "what": "WHAT WAS FOUND", "hint": "WHAT TO DO"}


def drift_report(found: Mapping[str, Sequence[Finding]], hosts: Sequence[str]) -> dict[str, Any]:
    """The report of these hosts, next to the findings of all that were compared, by their clusters."""
    findings = [{"cluster": cluster, **one._asdict()} for cluster, many in found.items() for one in many]
    facts = {"mode": "drift", "findings": findings, "compared": list(found), "text": as_text(findings, list(found))}
    mine = [one for one in findings if one["cluster"] in hosts]
    if not mine:
        return {**facts, "outcome": "unchanged", "msg": "Nothing differs."}
    places = ", ".join(one_line(one["place"]) for one in mine[:3])
    more = f" and {len(mine) - 3} more" if len(mine) > 3 else ""
    names = ", ".join(dict.fromkeys(one_line(one["cluster"]) for one in mine))
    sentence = f"{plural(len(mine), 'finding')} on {names}, at {places}{more}. The table names each, and what to do."
    failure = DIFFERENCE if any(one["kind"] == DIFFERENCE for one in mine) else NOT_COMPARED
    return {**facts, "outcome": "failed", "failure": failure, "msg": sentence}


def as_text(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """One line per finding, or one line if nothing differs; C(compared) names the clusters."""
    names = ", ".join(map(one_line, compared))
    if not findings:
        return f"Nothing differs: files, tables and models say the same on {names}."
    rows = [_TITLES, *({key: one_line(finding[key]) for key in _TITLES} for finding in findings)]
    widths = {key: max(len(row[key]) for row in rows) for key in ("cluster", "place", "what")}
    lines = ["  ".join([*(row[key].ljust(width) for key, width in widths.items()), row["hint"]]) for row in rows]
    return "\n".join([*lines, _count(findings, compared)])


def as_junit(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """A test case for each cluster and each finding: a difference is a failure, and what was not compared is an error."""
    findings, compared = clean(list(findings)), clean(list(compared))
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
            case = ElementTree.SubElement(suite, "testcase", classname=cluster, name=str(finding["place"]))
            message = {"message": str(finding["what"])}
            tag = "failure" if finding["kind"] == DIFFERENCE else "error"
            ElementTree.SubElement(case, tag, message).text = f"{finding['what']} {finding['hint']}"
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _count(findings: Sequence[Mapping[str, Any]], compared: Sequence[str]) -> str:
    """How many differences there are, and how much could not be compared, in a few words."""
    differ, unread = ([one for one in findings if (one["kind"] == DIFFERENCE) is wanted] for wanted in (True, False))
    words = []
    if differ:
        clusters = len({finding["cluster"] for finding in differ})
        words.append(f"{plural(len(differ), 'difference')} on {clusters} of {len(compared)} clusters")
    if unread:
        names = ", ".join(dict.fromkeys(one_line(one["cluster"]) for one in unread))
        words.append(f"{len(unread)} not compared on {names}")
    return "; ".join(words)
