"""What agencies save, and savings for each pound spent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import total
from sibmodel.measures.commissioner import present_value_of_real, real_present_value
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books

_NAMES = {"fiscal": "savings", "economic": "economic", "wellbeing": "wellbeing"}


def savings_label(books: Books) -> str:
    """What the headline ratio is: of what, per pound of what, over which horizon."""
    years = books.scenario.timeline.years[-1]
    return (
        "gross fiscal savings of all agencies per £ of programme spend: after counterfactual, displacement and "
        "attribution, before optimism bias and cashability; real present values at "
        f"{books.scenario.rates_in_words} over {years:g} years"
    )


def public_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """Present values by agency and kind, and the headline ratio."""
    terms = books.scenario.savings
    if terms is None:
        return
    saved = books.service.savings
    for agency in terms.agencies:
        for kind, name in _NAMES.items():
            lines = [s.attributable for s in saved if s.agency == agency and s.kind == kind]
            if lines:
                value = present_value_of_real(books, total(lines))
                words = f"{kind} savings of" if kind == "fiscal" else f"{kind} value by way of"
                yield f"agency.{agency}.{name}", pounds(value, f"{words} {agency}, attributable, present value, real")
    fiscal = present_value_of_real(books, total(s.attributable for s in saved if s.kind == "fiscal"))
    spend = real_present_value(books, books.service.costs.spend)
    ratio = np.divide(fiscal, spend, out=np.full_like(spend, np.nan), where=spend > 0)
    yield "public.savings_per_pound", Values(ratio, "£ per £", savings_label(books))
