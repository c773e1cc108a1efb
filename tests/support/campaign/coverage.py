# SPDX-FileCopyrightText: The stellarmap.cassandra contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often which fault fell into which phase of a run, and which seeds fill what is thin; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .draw import draw
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


def reach(first: int, number: int) -> range:
    """The seeds of which C(spend) takes so many."""
    return range(first, first + 3 * number)


def spend(first: int, number: int, counts: Counter[Cell]) -> list[int]:
    """So many seeds from C(first) on: of all in reach those whose faults fell least often so far."""
    return sorted(sorted(reach(first, number), key=lambda seed: _thinnest(seed, counts))[:number])


def table(counts: Counter[Cell]) -> str:
    """The counts as a table in Markdown."""
    faults = sorted({fault for fault, _phase in counts})
    lines = [f"| fault | {' | '.join(PHASES)} |", f"| --- |{' --- |' * len(PHASES)}"]
    lines += [f"| {_words(fault)} | {' | '.join(str(counts[fault, phase]) for phase in PHASES)} |" for fault in faults]
    return "\n".join(lines)


def _words(fault: str) -> str:
    return fault.lower().replace("_", " ")


def _thinnest(seed: int, counts: Counter[Cell]) -> int:
    scenario = draw(seed)
    drawn: list[Cell] = [(run.fault.name, run.fault.phase) for run in scenario.runs if run.fault and not run.check]
    drawn += [(f"another user {one.name}", one.phase) for one in (scenario.meddling,) if one]
    if scenario.fault and not scenario.runs[scenario.fault.run].check:
        drawn.append((scenario.fault.name, scenario.fault.phase))
    return min((counts[cell] for cell in drawn), default=1_000_000)


def _phase_at(run: RunHistory, moment: float) -> str:
    reached = [phase for phase in PHASES if phase in run.passed and run.passed[phase] <= moment]
    return reached[-1] if reached else PHASES[0]
