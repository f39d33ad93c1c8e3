"""What a scenario may say about numbers that move together."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sibmodel.core.schema import Model, Name, Number, wrong


def _a_rank(rank: float) -> float:
    if not -1 <= rank <= 1:
        raise wrong(f"the rank correlation is {rank:.12g}", "it must be from -1 to 1")
    return rank


Rank = Annotated[Number, AfterValidator(_a_rank), Field(json_schema_extra={"minimum": -1, "maximum": 1})]


def _said(reason: str) -> str:
    if not reason.strip():
        raise wrong("the reason is empty", "say why these numbers move together, and how that is known")
    return reason


def _a_pair(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if len(addresses) != 2:
        items = f"are {len(addresses)} addresses" if len(addresses) != 1 else "is 1 address"
        raise wrong(f"there {items}", "write [ADDRESS, ADDRESS]; a pair has an entry of its own")
    return addresses


Reason = Annotated[str, AfterValidator(_said)]


class CorrelationTerms(Model):
    """Two uncertain numbers of which one tends to be high, or low, where the other is high."""

    between: Annotated[tuple[str, ...], AfterValidator(_a_pair)]
    """The addresses of the two, as `sibmodel inputs` lists them; of pooled evidence `evidence.NAME`."""
    rank: Rank
    """Their rank correlation (Spearman), −1 to 1."""
    reason: Reason
    """Why, and how it is known."""


class ShockTerms(Model):
    """Something that befalls several numbers at once, such as a hard winter or a change of policy."""

    moves: Annotated[dict[str, Rank], Field(min_length=1)]
    """Its rank correlation with each number that it moves, by address: below 0 where it lowers the number."""
    reason: Reason
    """What it is, and how its reach is known."""


class DependenceTerms(Model):
    """Which uncertain numbers move together. All others are independent."""

    correlations: tuple[CorrelationTerms, ...] = ()
    """Pairs of numbers with their rank correlation."""
    shocks: dict[Name, ShockTerms] = Field(default_factory=dict)
    """Shocks that several numbers share, by name; pairs that are not stated have the correlation that these imply."""
