"""Examples in a contract: given these verified outcomes, pay exactly this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, model_validator

from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.verified import Needs, VerifiedRow, faults
from sibmodel.core.schema import Context, Model, Name, Number, PayerName, Wrong, nearest, wrong

PeriodKey = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]*)$")]


class PaidTerms(Model):
    """What must come out. What is not mentioned is not tested."""

    total: Number | None = None
    """Pounds in all."""
    by_term: Annotated[dict[Name, Number], Field(min_length=1)] | None = None
    """Pounds by term."""
    by_payer: Annotated[dict[PayerName, Number], Field(min_length=1)] | None = None
    """Pounds by payer."""
    by_period: Annotated[dict[PeriodKey, Number], Field(min_length=1)] | None = None
    """Pounds by the period of payment; write the period in quotes."""

    @model_validator(mode="after")
    def _tests_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("the example tests nothing", "give total, by_term, by_payer or by_period")
        return self


class ExampleTerms(Model):
    """One example."""

    title: str | None = None
    """The example in words."""
    verified: tuple[VerifiedRow, ...]
    """What the evaluator verified; an empty list if nothing."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Numbers that are different in this example, by address, such as the month of an early termination."""
    pays: PaidTerms
    """What the contract must pay for it."""
    within: Annotated[Number, Field(gt=0)] = 0.005
    """Pounds by which it may be missed: half a penny, unless the source was rounded."""


def examples_make_sense(
    examples: Mapping[str, ExampleTerms], terms: Mapping[str, TermBase], info: ValidationInfo
) -> Iterator[Wrong]:
    """Whatever keeps an example from being worked out; `at` begins at the example's name."""
    context = info.context if isinstance(info.context, Context) else Context()
    caps, floors = info.data.get("caps"), info.data.get("floors")
    by_person = any(getattr(limits, "person", None) is not None for limits in (caps, floors))
    needs = Needs(terms, by_person, context.effects)
    for name, example in examples.items():
        for row, field, what, right in faults(example.verified, needs, context.periods or 10**6):
            yield Wrong(what, right, (name, "verified", row, field))
        for term in example.pays.by_term or ():
            if term not in terms and term != "termination":
                at = (name, "pays", "by_term", term)
                yield Wrong(f"there is no term called '{term}'", nearest(term, terms), at)
