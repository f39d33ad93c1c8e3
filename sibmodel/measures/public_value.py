"""What agencies save, and savings for each pound spent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.measures.commissioner import real_present_value, worth_of
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books

_NAMES = {"fiscal": "savings", "economic": "economic", "wellbeing": "wellbeing"}


def savings_label(books: Books) -> str:
    """What the headline ratio is: of what, per pound of what, over which horizon."""
    years = books.scenario.timeline.years[-1]
    horizon = f"{years:g} year{'' if years == 1 else 's'}"
    return (
        "gross fiscal savings of all agencies per £ of programme spend: after counterfactual, displacement and "
        "attribution, before optimism bias and cashability; real present values at "
        f"{books.scenario.rates_in_words} over {horizon}"
    )


def public_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """Present values by agency and kind, and the headline ratio."""
    terms = books.scenario.savings
    if terms is None:
        return
    saved = books.service.savings
    for agency in terms.agencies:
        for kind, name in _NAMES.items():
            lines = [s for s in saved if s.agency == agency and s.kind == kind]
            if lines:
                value = worth_of(books, lines, "attributable")
                words = f"{kind} savings of" if kind == "fiscal" else f"{kind} value by way of"
                yield f"agency.{agency}.{name}", pounds(value, f"{words} {agency}, attributable, present value, real")
    fiscal = worth_of(books, (s for s in saved if s.kind == "fiscal"), "attributable")
    spend = real_present_value(books, books.service.costs.spend)
    ratio = np.divide(fiscal, spend, out=np.full_like(spend, np.nan), where=spend > 0)
    yield "public.savings_per_pound", Values(ratio, "£ per £", savings_label(books))
