"""What knowing some inputs beforehand is worth (expected value of perfect partial information, EVPPI).

EVPPI(x) = E[max(0, E(NB | x))] − max(0, E NB). E(NB | x) is fitted to the run's own trials, each by a fit in which it
has no part, and the value is that of the rule "sign where the fit is above nought" in the trials as they are (Strong,
Oakley and Brennan 2014, Med Decis Making 34:311, with cross-fitting). A rule that is not quite the best is worth less,
so the estimate errs on the low side, and chance cannot raise it.

Of several inputs together, and of those that seem worth most, the fit rests on one number more: NB at their values,
with all other inputs at their central values and without noise and luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.questions.given import Known, expected_given
from sibmodel.questions.information.decision import Worth, of_policy
from sibmodel.questions.inputs import drawn_for, inputs_of
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Run
from sibmodel.scenario.schema import Scenario

FEW = 4
"""Inputs up to which a group's own values stand beside the one number that sums them up."""
AGAIN = 8
"""Inputs that are looked at again."""
ALL = "all inputs"

Kind = Literal["input", "risk", "source", "all"]


@dataclass(frozen=True)
class Ignorance:
    """What is not known for certain: one input, or all of a risk, of a source, or of the file."""

    kind: Kind
    name: str
    words: str
    addresses: tuple[str, ...] = field(compare=False)

    @property
    def key(self) -> str:
        """Its column."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Knowing:
    """What it is worth to know something beforehand."""

    what: Ignorance
    worth: Worth

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        about = {"name": self.what.name, "words": self.what.words, "inputs": list(self.what.addresses)}
        return {**about, **self.worth.as_dict()}


def ignorance(scenario: Scenario) -> Iterator[Ignorance]:
    """Every input, and the groups that they fall into."""
    inputs = inputs_of(scenario)
    for address, one in inputs.items():
        yield Ignorance("input", address, one.risk.name, (address,))
    risks: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    sources: dict[str, list[str]] = {}
    for address, one in inputs.items():
        source = one.quantity.source or "no source named"
        risks.setdefault(one.risk.name, []).append(address)
        words[one.risk.name] = one.risk.words
        sources.setdefault(address if one.quantity.evidence is not None else source, []).append(address)
    for name, addresses in risks.items():
        yield Ignorance("risk", name, words[name], tuple(addresses))
    for name, addresses in sources.items():
        yield Ignorance("source", name, _title(scenario, name), tuple(addresses))
    if inputs:
        yield Ignorance("all", ALL, "every uncertain number of the file, but no luck and no noise", tuple(inputs))


def _title(scenario: Scenario, source: str) -> str:
    """A source in words, or a body of evidence."""
    body = scenario.evidence.get(source.removeprefix("evidence."))
    if body is not None:
        return body.title or "a body of evidence"
    return scenario.sources[source].title if source in scenario.sources else ""


def known_of(values: FloatArray) -> Known:
    """Something that may be known but was not drawn, (trials,): its ranks stand for the uniform numbers behind it."""
    order = np.sort(values)
    below, upto = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return Known(values, (below + upto) / (2.0 * values.size))


def worth_of(benefit: FloatArray, known: Sequence[Known], replicates: int) -> Worth:
    """What signing only where the net benefit to be expected is above nought adds to today's decision.

    The fit of each part is moved to the mean of all trials, on which today's decision rests too: else who knows nothing
    would decide otherwise in a part whose own trials lie on the other side of nought.
    """
    mean = float(benefit.mean())
    expected = expected_given(benefit, known) - expected_given(benefit, ()) + mean
    return of_policy(benefit, expected > 0.0, mean > 0.0, replicates)


def knowing(run: Run, measure: str, benefit: FloatArray, workers: int | None = None) -> tuple[Knowing, ...]:
    """What knowing each input and each group of inputs is worth; `benefit` is the measure in the run's trials."""
    every = list(ignorance(run.scenario))
    if not np.any(benefit > 0.0) or not np.any(benefit < 0.0):  # nothing could ever change the decision
        return tuple(Knowing(one, Worth(0.0, 0.0, run.replicates)) for one in every)
    inputs = drawn_for(run, inputs_of(run.scenario))
    alone = _alone(run, measure, [one for one in every if len(one.addresses) > 1], workers)
    found: dict[tuple[str, ...], Worth] = {}
    for one in every:
        if one.addresses not in found:
            found[one.addresses] = worth_of(benefit, _knowns(one, inputs, alone), run.replicates)
    # a leap is no polynomial: those that seem worth most are looked at again with NB at their own values beside them
    single = {one.addresses: one for one in every if len(one.addresses) == 1 and found[one.addresses].value > 0.0}
    again = sorted(single.values(), key=lambda one: -found[one.addresses].value)[:AGAIN]
    alone |= _alone(run, measure, again, workers)
    found |= {one.addresses: worth_of(benefit, _knowns(one, inputs, alone), run.replicates) for one in again}
    return tuple(Knowing(one, found[one.addresses]) for one in every)


def _trials(run: Run) -> Iterator[Trials]:
    return chain.from_iterable(map(run.parts, range(run.blocks)))


def _alone(run: Run, measure: str, groups: Sequence[Ignorance], workers: int | None) -> dict[str, FloatArray]:
    """The measure at the values of each group's inputs, all else as in the base case, (trials,), by the group's key."""

    def work(i: int) -> FloatArray:
        return np.concatenate([_quiet(run.scenario, trials, measure, groups[i].addresses) for trials in _trials(run)])

    found = in_order(work, len(groups), workers_for(len(groups), workers))
    return {one.key: values for one, values in zip(groups, found, strict=True)}


def _quiet(scenario: Scenario, trials: Trials, measure: str, addresses: Sequence[str]) -> FloatArray:
    quiet = Trials(trials.count, trials.periods, {address: trials.inputs[address] for address in addresses})
    return np.broadcast_to(all_measures(work_through(scenario, quiet))[measure].values, (trials.count,))


def _knowns(one: Ignorance, inputs: Mapping[str, Known], alone: Mapping[str, FloatArray]) -> list[Known]:
    """NB at its inputs' values, if that was looked at, and the inputs themselves, if they are few."""
    own = [inputs[address] for address in one.addresses]
    summed_up = [known_of(alone[one.key])] if one.key in alone else []
    return [*summed_up, *own] if len(own) <= FEW else summed_up
