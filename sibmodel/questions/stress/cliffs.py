"""Cliffs: the largest jump of payment for one person more, or one step more of an effect."""

from __future__ import annotations

import numpy as np

from sibmodel.questions.stress.better import Walked
from sibmodel.questions.stress.checks import Check, Counterexample, Figure, judged, not_applicable
from sibmodel.questions.stress.paths import Path
from sibmodel.questions.stress.probe import Probe
from sibmodel.running.paying import pay

NAME, TITLE = "cliffs", "Cliffs"


def check(probe: Probe, walked: Walked, most: float) -> Check:
    """The largest jump on any path; `most` are the pounds that it is a share of."""
    if not walked or most <= 0.0:
        reason = "nothing is ever paid"
        if not walked:
            reason = "nothing says of any outcome that is paid for whether more of it is better"
        return not_applicable(NAME, TITLE, reason)
    found = [(path, *path.steepest(path.grid, paid.total, 1)) for path, paid in walked]
    rows = []
    for name in dict.fromkeys(path.outcome for path, _, _ in found):
        path, _, jump = _largest([one for one in found if one[0].outcome == name])
        rows.append((name, {
            "step": Figure("one step", "outcome unit", path.step),
            "jump": Figure("largest jump", "£", jump),
            "share": Figure("of all payment", "rate", jump / most),
        }))  # fmt: skip
    path, low, jump = _largest(found)
    both = path.quantities(np.array([low, low + 1]))
    before, after = both[:, int(path.worse)], both[:, int(not path.worse)]
    scenario = probe.scenario
    earlier, later = path.probe.rows(before), path.probe.rows(after)
    numbers = {
        "jump": Figure("largest jump", "£", jump),
        "share_of_most": Figure("of all payment", "rate", jump / most),
        "most": Figure("all payment", "£", most),
        "from": Figure("from", "outcome unit", (low + int(path.worse)) * path.step),
        "to": Figure("to", "outcome unit", (low + int(not path.worse)) * path.step),
    }
    words = f"outcome '{path.outcome}' {path.words}"
    example = Counterexample(words, earlier, pay(scenario, earlier).total, later, pay(scenario, later).total)
    verdict = judged(NAME, numbers["share_of_most"])
    said = {"outcome": path.outcome, "where": path.words}
    return Check(NAME, TITLE, verdict, numbers, tuple(rows), said, example if verdict != "pass" else None)


def _largest(found: list[tuple[Path, int, float]]) -> tuple[Path, int, float]:
    """The largest jump; of several as large to the penny the first, which needs the fewest rows."""
    return max(found, key=lambda one: round(one[2], 2))
