"""Where a number of the base case comes from: step by step to the inputs, with their places and sources."""

from __future__ import annotations

from sibmodel.core.schema import nearest
from sibmodel.errors import UnknownNameError
from sibmodel.report.explained_measures import MeasureStory
from sibmodel.report.explained_payments import ContractStory
from sibmodel.report.horizon_words import cut_off_of
from sibmodel.report.steps import TERMS, Explanation, Step
from sibmodel.running.paying import Verified
from sibmodel.scenario.schema import ContractSheet, Scenario


def explain(
    scenario: Scenario | ContractSheet, name: str, verified: Verified | None = None, period: int | None = None
) -> Explanation:
    """Where a measure, or a term's payment (`contract.terms.NAME`), of the base case comes from.

    With `verified`, what the contract pays for given outcomes is explained instead; `payers.payments` is then the total
    and `payer.NAME.payments` a payer's. With a `period`, a term's payment in that period of payment alone.
    Raises UnknownNameError for a name that the scenario does not have.
    """
    if isinstance(scenario, ContractSheet) and verified is None:
        what = "this file holds a contract alone: say what was verified"
        raise UnknownNameError(f"{what} (--verified VERIFIED.csv), or explain a whole scenario")
    story = ContractStory.of_pay(scenario, verified) if verified is not None else ContractStory.of_base(scenario)
    notes = () if story.books is None else tuple(cut_off_of(story.books))
    if name.startswith(TERMS):
        term = name.removeprefix(TERMS)
        if term not in story.found.due:
            raise UnknownNameError(f"there is no term called '{term}'; {nearest(term, story.found.due)}")
        if period is not None and not 0 <= period < len(story.timeline.ends):
            raise UnknownNameError(f"there is no period {period}; the last is {len(story.timeline.ends) - 1}")
        return Explanation(scenario.title, story.term(term, period), scenario.sources, notes)
    if verified is not None or story.books is None:
        return Explanation(scenario.title, _of_payments(name, story), scenario.sources)
    return Explanation(scenario.title, MeasureStory(story.books, story).step(name), scenario.sources, notes)


def _of_payments(name: str, story: ContractStory) -> Step:
    """A payment measure of a contract that is paid for given outcomes."""
    payers = tuple(story.scenario.contract.payers)
    known = {"payers.payments": payers} | {f"payer.{payer}.payments": (payer,) for payer in payers}
    if name not in known:
        names = [*known, *(f"{TERMS}{term}" for term in story.scenario.contract.terms)]
        raise UnknownNameError(f"'{name}' cannot be explained for given outcomes; {nearest(name, names)}")
    return story.payments(name, known[name])
