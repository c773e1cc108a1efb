# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often which fault fell into which phase of a run; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .history import PHASES, History, RunHistory

Cell = tuple[str, str]


def cells(history: History) -> Iterator[Cell]:
    """The fault and the phase of each fault that struck, once for each run that it met."""
    fault = history.scenario.fault
    for run in history.runs:
        if run.struck and run.run.fault:
            yield run.run.fault.name, run.run.fault.phase
        if history.meddled and history.scenario.meddling:
            yield f"another user {history.scenario.meddling.name}", history.scenario.meddling.phase
        if run.run.routes and run.reads:
            yield run.run.routes, PHASES[0]
        if fault and run.began <= history.fault_ended and history.fault_began <= run.ended:
            yield fault.name, _phase_at(run, max(history.fault_began, run.began))


def table(counts: Counter[Cell]) -> str:
    """The counts as a table in Markdown."""
    faults = sorted({fault for fault, _phase in counts})
    lines = [f"| fault | {' | '.join(PHASES)} |", f"| --- |{' --- |' * len(PHASES)}"]
    lines += [f"| {_words(fault)} | {' | '.join(str(counts[fault, phase]) for phase in PHASES)} |" for fault in faults]
    return "\n".join(lines)


def _words(fault: str) -> str:
    return fault.lower().replace("_", " ")


def _phase_at(run: RunHistory, moment: float) -> str:
    reached = [phase for phase in PHASES if phase in run.passed and run.passed[phase] <= moment]
    return reached[-1] if reached else PHASES[0]
