"""The waterfall as data: claims on the vehicle, and the steps in which they are paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sibmodel.capital.protection import ContingentTerms, GuaranteeTerms
from sibmodel.capital.tranche import TrancheTerms
from sibmodel.core.schema import Wrong, closest, nearest

FEE, COUPON, PRINCIPAL, OWED = "fee", "coupon", "principal", "owed"
OF_TRANCHES = (FEE, COUPON, PRINCIPAL)

Tranches = Mapping[str, TrancheTerms]
Guarantees = Mapping[str, GuaranteeTerms]
Contingent = Mapping[str, ContingentTerms]


class Claim(NamedTuple):
    """Something that the vehicle owes somebody."""

    owner: str
    what: str

    def __str__(self) -> str:
        return self.owner if self.what == OWED else f"{self.owner}.{self.what}"


Step = tuple[Claim, ...]


def default_order(tranches: Tranches, guarantees: Guarantees, contingent: Contingent) -> tuple[Step, ...]:
    """Guarantee fees, then rank by rank fees, coupons and principals, then contingent payments."""
    steps = [tuple(Claim(name, FEE) for name in guarantees)]
    for rank in sorted({tranche.rank for tranche in tranches.values()}):
        own = [name for name, tranche in tranches.items() if tranche.rank == rank and tranche.is_owed]
        steps += [tuple(Claim(name, what) for name in own) for what in OF_TRANCHES]
    steps += [(Claim(name, OWED),) for name, one in contingent.items() if one.of_the_vehicle]
    return tuple(step for step in steps if step)


def written_order(
    written: Sequence[Sequence[str]], tranches: Tranches, guarantees: Guarantees, contingent: Contingent
) -> tuple[tuple[Step, ...], list[Wrong]]:
    """The steps that a scenario lists, and what is wrong with them."""
    known = _claims(tranches, guarantees, contingent)
    steps: list[Step] = []
    seen: dict[Claim, int] = {}
    found: list[Wrong] = []
    for index, names in enumerate(written):
        own: dict[str, list[Claim]] = {}
        alone: list[Claim] = []
        for name in names:
            claims = known.get(name)
            if claims is None:
                found.append(Wrong(*_no_claim(name, known, tranches, contingent), (index,)))
            for claim in claims or ():
                if claim in seen:
                    what = f"'{claim}' is paid already in step {seen[claim]} (counted from 0)"
                    found.append(Wrong(what, "list every claim once", (index,)))
                seen[claim] = index
                (own.setdefault(claim.what, []) if name in tranches else alone).append(claim)
        steps += [tuple(own[what]) for what in OF_TRANCHES if what in own]
        steps += [tuple(alone)] if alone else []
    meant = {closest(_meant(name), known) for names in written for name in names if name not in known}
    needed = [claim for claim in _needed(tranches, guarantees, contingent) if claim not in seen]
    missing = [str(claim) for claim in needed if str(claim) not in meant and claim.owner not in meant]
    if missing:
        found.append(Wrong(f"the waterfall never pays {', '.join(missing)}", "add a step"))
    return tuple(steps), found


def _meant(name: str) -> str:
    """A claim by another word, in the words of the file."""
    return name.replace("interest", COUPON).replace("capital", PRINCIPAL)


def _no_claim(
    name: str, known: Mapping[str, tuple[Claim, ...]], tranches: Tranches, contingent: Contingent
) -> tuple[str, str]:
    """What is wrong with a name that stands for no claim, and what would be right."""
    if name.partition(".")[0] in tranches and not tranches[name.partition(".")[0]].is_owed:
        return f"'{name}' is a grant, which nobody owes back", "leave it out"
    if name in contingent:
        return f"'{name}' is never owed by the vehicle", "leave it out"
    return f"there is no claim called '{name}'", nearest(_meant(name), known)


def _claims(tranches: Tranches, guarantees: Guarantees, contingent: Contingent) -> dict[str, tuple[Claim, ...]]:
    """What a step may name, and the claims that it stands for."""
    owed = [name for name, tranche in tranches.items() if tranche.is_owed]
    single = [Claim(name, what) for name in owed for what in OF_TRANCHES]
    single += [Claim(name, FEE) for name in guarantees]
    single += [Claim(name, OWED) for name, one in contingent.items() if one.concerns_the_vehicle]
    whole = {name: tuple(Claim(name, what) for what in OF_TRANCHES) for name in owed}
    return {str(claim): (claim,) for claim in single} | whole


def _needed(tranches: Tranches, guarantees: Guarantees, contingent: Contingent) -> list[Claim]:
    """The claims that can ever be more than nothing."""
    out = []
    for name, tranche in tranches.items():
        if tranche.is_owed:
            out += [Claim(name, FEE)] if tranche.charges_fee else []
            out += [Claim(name, COUPON)] if tranche.pays_coupon else []
            out.append(Claim(name, PRINCIPAL))
    out += [Claim(name, FEE) for name, guarantee in guarantees.items() if guarantee.charges_fee]
    return out + [Claim(name, OWED) for name, one in contingent.items() if one.of_the_vehicle]
