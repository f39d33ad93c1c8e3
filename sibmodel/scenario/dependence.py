"""Which numbers of a scenario move together: addresses checked, and what had to be repaired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sibmodel.core.schema import nearest
from sibmodel.errors import Problem
from sibmodel.sampling.dependence import Change, Together, connected
from sibmodel.sampling.terms import DependenceTerms
from sibmodel.scenario.marks import Path_

if TYPE_CHECKING:
    from sibmodel.scenario.schema import Scenario

DEPENDENCE = "dependence"
_MOST_TOLD = 12


def dependence_of(scenario: Scenario) -> tuple[Together, ...]:
    """The numbers that move together, in groups that are independent of each other."""
    if scenario.dependence == DependenceTerms():
        return ()
    return connected(scenario.dependence, Draws(scenario).resolve)


def repairs(scenario: Scenario) -> tuple[str, ...]:
    """What is said of correlations that contradict one another, one sentence for each group of numbers."""
    line = scenario.document.line((DEPENDENCE,))
    return tuple(_repair(changes, line) for some in dependence_of(scenario) if (changes := some.changes))


def _repair(changes: list[Change], line: str) -> str:
    """The pairs that were stated, and by how much others change at most."""
    stated = [str(change) for change in changes if not change.is_implied]
    others = [abs(change.stated - change.used) for change in changes if change.is_implied]
    told = "; ".join(stated[:_MOST_TOLD])
    more = f"; and {len(stated) - _MOST_TOLD} smaller changes" if len(stated) > _MOST_TOLD else ""
    pairs = "one pair" if len(others) == 1 else f"{len(others)} pairs"
    rest = f"; {pairs} that nobody states: a change of {max(others):.2f} at most" if others else ""
    return (
        f"dependence ({line}): the rank correlations contradict one another, so the nearest that do not are used: "
        f"{told}{more}{rest}"
    )


class Draws:
    """The uncertain numbers of a scenario by the addresses at which they are drawn."""

    def __init__(self, scenario: Scenario) -> None:
        self.document = scenario.document
        self.by_number = {
            number.address: [address for address, item in number.items() if not isinstance(item, float)]
            for number in scenario.quantities()
        }
        self.bodies = scenario.evidence.keys()
        self.known = {address for drawn in self.by_number.values() for address in drawn}

    def resolve(self, address: str) -> str | None:
        """Where the number that a file names is drawn; None where there is none.

        A number that an amendment changes is meant as it was before.
        """
        if address in self.known:
            return address
        drawn = self.by_number.get(address, [])
        return drawn[0] if drawn and self._was_one_number(address) else None

    def _was_one_number(self, address: str) -> bool:
        """Whether a number by period became so by an amendment only."""
        if self.document.unamended is None:
            return False
        node: Any = self.document.unamended.data
        for part in address.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        node = node["value"] if isinstance(node, dict) and "value" in node else node
        return node is not None and not isinstance(node, list)

    def wrong(self, address: str) -> tuple[str, str] | None:
        """What is wrong with an address that a file names, and what would be right; None if it is in order.

        A number that was uncertain until it was set or amended, or fixed in a variant, is in order, and has no effect.
        """
        if self.resolve(address) is not None or self._was_set(address) or self._is_a_variants(address):
            return None
        drawn = self.by_number.get(address)
        if drawn is None:
            return f"there is no uncertain number at '{address}'", nearest(address, self.known)
        if not drawn:
            return f"'{address}' is not uncertain", "give it a distribution, or leave it out here"
        what = "pooled from evidence" if drawn[0].startswith("evidence.") else "given by period"
        return f"'{address}' is {what}", "name what is drawn: " + ", ".join(f"'{one}'" for one in drawn)

    def _is_a_variants(self, address: str) -> bool:
        """Whether a variant says this number, and the file that it extends says what moves together."""
        path: Path_ = tuple(int(part) if part.isdigit() else part for part in address.split("."))
        chapter = self.document.place((DEPENDENCE,))[0]
        return address in self.by_number and self.document.place(path)[0] != chapter

    def _was_set(self, address: str) -> bool:
        changed = set(self.document.overrides)
        if address.startswith("evidence."):
            name = address.removeprefix("evidence.")
            # evidence written out in a number is named after its address
            written_out = any(_below(one.replace(".", "_"), name, "_") for one in changed)
            return written_out or (name in self.bodies and bool(changed))
        if self.document.unamended is not None:
            changed |= {key for one in _amended(self.document.unamended.data) for key in one}
        return any(_below(one, address, ".") for one in changed)


def _below(one: str, other: str, between: str) -> bool:
    """Whether one of two addresses is the other, or stands below it."""
    one, other = one + between, other + between
    return one.startswith(other) or other.startswith(one)


def _amended(data: Any) -> Iterator[dict[str, Any]]:
    for amendment in data.get("amendments") or ():
        yield amendment["set"]


def wrong_dependence(scenario: Scenario) -> list[Problem]:
    """Every address of the chapter that names no uncertain number, and pairs that are stated twice."""
    draws, terms = Draws(scenario), scenario.dependence
    named: list[tuple[Path_, str]] = [
        (("correlations", index, "between", place), address)
        for index, one in enumerate(terms.correlations)
        for place, address in enumerate(one.between)
    ]
    named += [
        (("shocks", name, "moves", address), address) for name, shock in terms.shocks.items() for address in shock.moves
    ]
    found = [(path, words) for path, address in named if (words := draws.wrong(address)) is not None]
    return [
        scenario.document.problem((DEPENDENCE, *path), *words, at_key=path[0] == "shocks")
        for path, words in (*found, *_pairs(terms, draws))
    ]


def _pairs(terms: DependenceTerms, draws: Draws) -> Iterator[tuple[Path_, tuple[str, str]]]:
    """Pairs that are none, or stated twice."""
    seen: dict[frozenset[str], int] = {}
    for index, one in enumerate(terms.correlations):
        pair, path = frozenset(draws.resolve(address) or address for address in one.between), ("correlations", index)
        if len(pair) == 1:
            yield path, ("a number is correlated with itself", "name two numbers")
        elif pair in seen:
            yield path, (f"the pair is stated already in correlations.{seen[pair]}", "keep one of them")
        seen.setdefault(pair, index)
