"""Every measure that a scenario has."""

from __future__ import annotations

from itertools import chain

from sibmodel.measures.appraisal import appraisal_measures
from sibmodel.measures.commissioner import commissioner_measures, delivery_measures
from sibmodel.measures.investor import investor_measures
from sibmodel.measures.programme import programme_measures
from sibmodel.measures.public_value import public_measures
from sibmodel.measures.values import Values
from sibmodel.model import Books


def all_measures(books: Books) -> dict[str, Values]:
    """Measures by name, one value for each trial."""
    return dict(
        chain(
            investor_measures(books),
            commissioner_measures(books),
            public_measures(books),
            appraisal_measures(books),
            delivery_measures(books),
            programme_measures(books),
        )
    )
