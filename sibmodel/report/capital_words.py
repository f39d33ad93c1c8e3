"""Capital in words: who puts money in, on which terms, in what order it comes back, and who stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sibmodel.capital.protection import ContingentTerms, GuaranteeTerms
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.tranche import CouponScale, TrancheTerms
from sibmodel.core.conditions import Condition
from sibmodel.core.reading import ReadingTerms
from sibmodel.core.schedule import SignedPoint, SignedStep, Step
from sibmodel.report.address_words import spaced
from sibmodel.report.contract_words import ContractWords, condition_in_words
from sibmodel.report.numbers import exactly, in_words, is_nothing, money, rate

_KINDS = {
    "loan": "",
    "senior": "senior loan, ",
    "mezzanine": "mezzanine, ",
    "first_loss": "first loss, ",
    "equity": "equity-like, ",
    "grant": "a grant, never repaid, ",
    "recoverable_grant": "a recoverable grant, ",
    "deferred_fees": "fees that the provider leaves in the vehicle, ",
}
_DAY_COUNTS = {"effective": "", "periodic": ", in equal parts by period", "actual_365": ", by the day (actual/365)"}


def capital_in_words(capital: CapitalTerms, words: ContractWords) -> Iterator[str]:
    """Each tranche, the order of payment, guarantees, contingent payments, the surplus and the cash."""
    for name, tranche in capital.tranches.items():
        yield from _tranche(name, tranche, capital, words)
    if capital.waterfall is not None:
        steps = " → ".join(" with ".join(map(spaced, step)) for step in capital.waterfall)
        yield f"Money is paid out in this order: {steps}."
    elif len(capital.tranches) > 1:
        yield "Rank 1 is paid first, and so on by number; within a rank, coupon comes before capital."
    for name, guarantee in capital.guarantees.items():
        yield _guarantee(name, guarantee)
    for name, one in capital.contingent.items():
        yield _contingent(name, one, words)
    yield _surplus(capital)
    yield _cash(capital)
    if not capital.recycling:
        yield "Income is kept for those who are owed it; it pays costs only when commitments have run out."
    if capital.service_stops:
        yield "When money runs out, the service stops."


def _tranche(name: str, tranche: TrancheTerms, capital: CapitalTerms, words: ContractWords) -> Iterator[str]:
    several = len(capital.tranches) > 1
    known = tranche.investor or tranche.title
    who = (f"{spaced(name)}: {known}" if several else known) if known else spaced(name)
    if is_nothing(tranche.commitment):
        yield f"{who} commits no capital."
        return
    aside = f" ({tranche.title})" if tranche.title and tranche.investor else ""
    rank = f"rank {tranche.rank}, " if several and capital.waterfall is None and tranche.is_owed else ""
    terms = ""
    if tranche.is_investors or tranche.pays_coupon or tranche.revolving:
        repaid = f"repaid capital {'may' if tranche.revolving else 'may not'} be drawn again"
        terms = f"{_coupon(tranche, words)}, {repaid}"
    kind = _KINDS[tranche.kind]
    yield f"{who} commits {_commitment(tranche)}{aside}; {rank}{kind}{terms}".rstrip(" ,") + "."
    yield from _details(spaced(name) if several else "It", tranche, words)


def _details(who: str, tranche: TrancheTerms, words: ContractWords) -> Iterator[str]:
    """What is agreed beyond commitment, rank and coupon."""
    if tranche.drawdowns is not None:
        planned = ", ".join(f"{in_words(d.amount, money)} in month {d.month}" for d in tranche.drawdowns)
        yield f"{who} is drawn as agreed: {planned}."
    if tranche.share_of_fees is not None:
        yield f"{who} takes {in_words(tranche.share_of_fees, rate)} of what the provider is paid."
    if tranche.charges_fee:
        yield f"{who} is paid {in_words(tranche.commitment_fee, rate)} a year on what is still to be drawn."
    if tranche.coupon_dates is not None:
        days = ", ".join(day.isoformat() for day in tranche.coupon_dates)
        yield f"Its coupon is reckoned up to {days}, and to the end."
    if tranche.pays_coupon and not tranche.compounds:
        yield "Coupon that is not paid bears no interest itself."
    yield from _repayment(who, tranche)
    yield from _limits(who, tranche, words)


def _repayment(who: str, tranche: TrancheTerms) -> Iterator[str]:
    if tranche.instalments is not None:
        parts = ", ".join(f"{rate(one.share)} in month {one.month}" for one in tranche.instalments)
        rolled = "; coupon is rolled up until the first" if tranche.rolled_up else ""
        yield f"{who} is repaid {parts}{rolled}."
    if tranche.repaid_from is not None:
        yield f"{who} is repaid out of {', '.join(map(spaced, tranche.repaid_from))} alone."


def _limits(who: str, tranche: TrancheTerms, words: ContractWords) -> Iterator[str]:
    cap = tranche.return_cap
    if cap is not None:
        limits = [f"a return of {in_words(cap.rate, rate)} a year"] if cap.rate is not None else []
        limits += [f"{in_words(cap.multiple, lambda x: f'{x:g}')} times its money"] if cap.multiple is not None else []
        limits += [f"a profit of {in_words(cap.amount, money)}"] if cap.amount is not None else []
        yield f"{who} receives no more than {' and '.join(limits)}."
    early = tranche.early_redemption
    if early is not None:
        table = ", ".join(f"{in_words(r.share, rate)} from month {r.from_month}" for r in early.table)
        when = f" in month {early.month}" if early.month is not None else ""
        when += f" if {condition_in_words(early.when, words)}" if early.when is not None else ""
        when = when or ", if the contract is terminated early"
        yield f"{who} may be redeemed early{when}, at a share of its principal: {table}."
    fees = tranche.investor_fees
    if fees is not None:
        parts = [("of the commitment a year", fees.on_commitment), ("of the principal a year", fees.on_principal)]
        parts.append(("of the profit", fees.carried_interest))
        listed = ", ".join(f"{in_words(q, rate)} {what}" for what, q in parts if not is_nothing(q))
        yield f"Its investor pays a fund manager {listed or 'nothing'}."


def _commitment(tranche: TrancheTerms) -> str:
    limit = in_words(tranche.commitment, money)
    return f"an uncertain sum, {limit}" if tranche.commitment.is_uncertain else f"up to {limit}"


def _coupon(tranche: TrancheTerms, words: ContractWords) -> str:
    if isinstance(tranche.coupon, CouponScale):
        least = tranche.coupon.floor
        floor = "" if is_nothing(least) else f", at least {in_words(least, rate)}"
        scale = _scale(tranche.coupon.points, tranche.coupon.steps, rate)
        return f"a coupon by {_what_is_read(tranche.coupon, words)}: {scale}{floor}"
    if is_nothing(tranche.coupon):
        return "no coupon"
    every = _DAY_COUNTS[tranche.day_count]
    return f"a coupon of {in_words(tranche.coupon, lambda coupon: f'{rate(coupon)} a year')}{every}"


def _what_is_read(reading: ReadingTerms, words: ContractWords) -> str:
    fields = {name: getattr(reading, name) for name in ReadingTerms.model_fields}
    bare = Condition.model_construct(**fields, at_least=None, above=None, at_most=None, below=None, from_month=0)
    return condition_in_words(bare, words).removesuffix(" is ")


def _scale(
    points: Sequence[SignedPoint] | None, steps: Sequence[Step | SignedStep] | None, written: Callable[[float], str]
) -> str:
    """'5% at 60, 12% at 65' of points, 'from 8.5 £4.8m' of bands."""
    if points is not None:
        return ", ".join(f"{written(y)} at {x:,.10g}" for x, y in points) + ", straight lines between"
    bands = []
    for step in steps or ():
        low, is_open = step.begins
        start = "below the first" if low == float("-inf") else f"{'above' if is_open else 'from'} {low:,.10g}"
        bands.append(f"{start} {written(step.pays)}")
    return ", ".join(bands)


def _guarantee(name: str, guarantee: GuaranteeTerms) -> str:
    who = guarantee.title or spaced(guarantee.by or name)
    if guarantee.amount is not None:
        what = f"makes good what is missing of the principal of {spaced(guarantee.tranche)}, up to "
        what += in_words(guarantee.amount, money)
    else:
        share = in_words(guarantee.tops_up_to, rate) if guarantee.tops_up_to is not None else ""
        what = f"tops up what {spaced(guarantee.tranche)} gets back of its principal to {share}"
    fee = f", for {in_words(guarantee.fee, rate)} a year" if guarantee.charges_fee else ""
    return f"{who} {what}{fee}."


def _contingent(name: str, one: ContingentTerms, words: ContractWords) -> str:
    scale = _scale(one.points, one.steps, exactly)
    months = f", settled in month {', '.join(map(str, one.settled_in_months))}" if one.settled_in_months else ""
    back = "; amounts below zero flow back" if "−" in scale or "-" in scale else ""
    title = one.title or spaced(name)
    return f"{title}: {one.from_} pays {one.to} by {_what_is_read(one, words)}: {scale}{months}{back}."


def _surplus(capital: CapitalTerms) -> str:
    """Who gets the surplus: by default the investors' tranches of the highest rank."""
    lines = capital.surplus_lines
    if lines is None:
        last = [_known(name, capital) for name in capital.last_investors]
        who = ", ".join(last) + (", in proportion to what each commits" if len(last) > 1 else "")
    else:
        who = "; what they may not take, to ".join(_shares(line, capital) for line in lines)
    begins = f" from month {capital.surplus_from_month} on" if capital.surplus_from_month else ""
    return f"The surplus, what is left after coupon and capital, goes{begins} to {who}."


def _shares(line: Mapping[str, float], capital: CapitalTerms) -> str:
    shares = {_known(name, capital): share for name, share in line.items() if share}
    return ", ".join(name if share == 1 else f"{name} ({rate(share)})" for name, share in shares.items())


def _known(party: str, capital: CapitalTerms) -> str:
    """The only tranche by its investor, any other party by its name."""
    only = capital.tranches.get(party) if len(capital.tranches) == 1 else None
    return (only and (only.investor or only.title)) or spaced(party)


def _cash(capital: CapitalTerms) -> str:
    if is_nothing(capital.minimum_cash):
        return "The vehicle keeps no minimum cash."
    minimum = in_words(capital.minimum_cash, money)
    return f"Capital is drawn to keep a minimum cash of {minimum} in the vehicle, which is paid out at the end."
