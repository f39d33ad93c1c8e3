"""What an early end of the contract does at each date, beside what happens without it."""

from __future__ import annotations

import numpy as np

from sibmodel.contract.terms import TerminationTerms
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.commissioner import commissioners, paid_by
from sibmodel.measures.investor import net_flow
from sibmodel.model import Books, work_through
from sibmodel.questions.stress.checks import Check, Figure, Found, judged, not_applicable, worst_row
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "ending", "Early termination at each date"
MOST = 12
"""Dates that are looked at, spread over the contract."""


def dates(scenario: Scenario) -> tuple[int, ...]:
    """The last period of every financial year after signing, but for the last and those after an agreed end."""
    timeline = scenario.timeline
    years, last = timeline.financial_years, scenario.contract.ends_in_month or timeline.months
    ends = [t for t in range(1, timeline.periods) if years[t] != years[t + 1] and timeline.month_ends[t] < last]
    chosen = np.unique(np.linspace(0, len(ends) - 1, min(MOST, len(ends))).round().astype(int)).tolist() if ends else []
    return tuple(ends[i] for i in chosen)


def ended(scenario: Scenario, period: int) -> Scenario:
    """The scenario with its contract terminated at the end of a period, by its own table if it has one."""
    terms = scenario.contract.termination or TerminationTerms()
    month = int(scenario.timeline.month_ends[period])
    contract = scenario.contract.model_copy(update={"termination": terms.model_copy(update={"month": month})})
    return scenario.model_copy(update={"contract": contract})


def position(books: Books) -> dict[str, FloatArray]:
    """What investors put in and get back, netted by period, what they lose of it, and what commissioners pay.

    `gap` is what is missing beyond all commitments, `left` what is left to others: surplus, and cash at the end.
    """
    net = net_flow(books)
    put_in, back = over_time(np.maximum(-net, 0.0)), over_time(np.maximum(net, 0.0))
    paid = over_time(np.array(paid_by(books, *commissioners(books))))
    lost = np.maximum(put_in - back, 0.0)
    capital = books.settlement.capital
    left = capital.closing_cash[-1] + over_time(np.array(total(capital.surplus.values())))
    return {"put_in": put_in, "back": back, "lost": lost, "paid": paid, "gap": over_time(capital.gap), "left": left}


def against(books: Books, alone: FloatArray) -> dict[str, FloatArray]:
    """The same beside what investors lose without the event, `alone`, and how much more they lose with it, `extra`.

    Below nought where the event spares them a loss.
    """
    found = position(books)
    return found | {"alone": alone, "extra": found["lost"] - alone}


def look(books: Books) -> dict[str, FloatArray]:
    """The same by date of the end."""
    alone = position(books)["lost"]
    found: dict[str, FloatArray] = {}
    for period in dates(books.scenario):
        changed = work_through(ended(books.scenario, period), books.trials)
        found |= {f"{period}.{what}": amount for what, amount in against(changed, alone).items()}
    return found


def figures(found: Found, key: str) -> dict[str, Figure]:
    """Figures of a position; the shares that are lost, in all and to the event, are those of the base case."""
    words = {
        "put_in": "investors have put in",
        "back": "they get back",
        "lost": "they lose",
        "alone": "they lose without it",
        "extra": "it costs them",
        "paid": "commissioners have paid",
        "gap": "money missing",
        "left": "money left to others than investors",
    }
    numbers = {what: found.figure(f"{key}.{what}", label) for what, label in words.items()}
    base_in, lost, extra = (float(found.base[f"{key}.{what}"][0]) for what in ("put_in", "lost", "extra"))
    shares = {
        "loss_share": (lost, "share of their money that they lose in the base case"),
        "extra_share": (extra, "share of their money that it costs them in the base case"),
    }
    return numbers | {
        name: Figure(label, "rate", max(pounds, 0.0) / base_in if base_in > 0.0 else 0.0)
        for name, (pounds, label) in shares.items()
    }


def has_commissioners(scenario: Scenario) -> bool:
    """Whether any payer is one: an outcomes fund or a philanthropist is not."""
    return any(payer.kind == "commissioner" for payer in scenario.contract.payers.values())


def check(scenario: Scenario, found: Found) -> Check:
    """By date, and the worst in the base case."""
    periods = dates(scenario)
    if not periods:
        reason = "no financial year ends between signing and the contract's own end, so there is no date to look at"
        return not_applicable(NAME, TITLE, reason)
    ends = scenario.timeline.ends
    rows = [(ends[period].isoformat(), figures(found, str(period))) for period in periods]
    when, numbers = worst_row(NAME, rows, "extra_share", "extra")
    has = scenario.contract.termination is not None and bool(scenario.contract.termination.redemption)
    said = {"when": when, "redemption": "yes" if has else "no"}
    said |= {} if has_commissioners(scenario) else {"commissioners": "none"}
    return Check(NAME, TITLE, judged(NAME, numbers["extra_share"]), numbers, tuple(rows), said)
