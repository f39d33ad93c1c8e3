"""The greater, or the lesser, of several rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from sibmodel.contract.rules.base import TermBase, Words, earned, window
from sibmodel.core.reading import Seen, Span
from sibmodel.core.schema import Name, Wrong, all_wrong
from sibmodel.core.timeline import FloatArray, running_total
from sibmodel.core.trials import Trials

if TYPE_CHECKING:
    from sibmodel.contract.rules import Term

_OUTSIDE = ("cap", "caps", "floor", "floors", "split", "lag_months")


class GreatestTerms(TermBase):
    """Whichever of several rules has earned more (or less) so far; what is newly owed is paid."""

    rule: Literal["greatest", "least"]
    """Whether the one that has earned most, or least, is paid."""
    of: Annotated[dict[Name, Term], Field(min_length=2)]
    """The rules by name, each written like a term without caps, floors, split and lag."""

    @field_validator("of")
    @classmethod
    def _rules_alone(cls, of: dict[str, TermBase]) -> dict[str, TermBase]:
        found = [
            Wrong(f"'{key}' has no use inside another rule", "write it in the term itself", (name, key))
            for name, inner in of.items()
            for key in _OUTSIDE
            if key in inner.model_fields_set
        ]
        if found:
            raise all_wrong(found)
        return of

    @property
    def outcomes(self) -> tuple[str, ...]:
        """All that the rules read."""
        return tuple(dict.fromkeys(name for inner in self.of.values() for name in inner.outcomes))

    @property
    def needs_parts(self) -> bool:
        """If any of the rules does."""
        return super().needs_parts or any(inner.needs_parts for inner in self.of.values())

    @property
    def needs_persons(self) -> bool:
        """If any of the rules does."""
        return any(inner.needs_persons for inner in self.of.values())

    @property
    def needs_people(self) -> bool:
        """If any of the rules does."""
        return any(inner.needs_people for inner in self.of.values())

    @property
    def condition_names(self) -> tuple[str, ...]:
        """Outcomes that its own and the rules' conditions read."""
        return (*super().condition_names, *(name for inner in self.of.values() for name in inner.condition_names))

    @property
    def conditions_need_people(self) -> tuple[str, ...]:
        """Outcomes that its own and the rules' conditions add up."""
        inside = (name for inner in self.of.values() for name in inner.conditions_need_people)
        return (*super().conditions_need_people, *inside)

    @property
    def span(self) -> Span:
        """The rules are compared by what each has earned since signing."""
        return "contract"

    def owed(self, seen: Seen) -> FloatArray:
        """The most, or least, that any rule has earned so far."""
        months = window(self, seen)  # holds for sums by the calendar too, which see no outcomes
        opened = np.ones((1, 1)) if months is None else months
        so_far = np.broadcast_arrays(*(running_total(earned(inner, seen, opened)) for inner in self.of.values()))
        return np.asarray((np.maximum if self.rule == "greatest" else np.minimum).reduce(so_far))

    def most(self, trials: Trials) -> FloatArray:
        """The greatest, or least, of the rules' own."""
        bounds = np.broadcast_arrays(*(inner.most(trials) for inner in self.of.values()))
        return np.asarray((np.maximum if self.rule == "greatest" else np.minimum).reduce(bounds))

    def in_words(self, words: Words) -> str:
        """Every rule."""
        each = "; or ".join(inner.in_words(words) for inner in self.of.values())
        return f"the {'greater' if self.rule == 'greatest' else 'lesser'} of: {each}"
