"""What a tranche may not say, because it could never make sense or never have an effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import Context, Wrong

if TYPE_CHECKING:
    from sibmodel.capital.tranche import DrawdownTerms, EarlyRedemptionTerms, TrancheTerms


def too_high(rate: float) -> tuple[str, str]:
    """What is wrong with a rate above 1, which is likely to be meant in per cent."""
    return f"a rate of {rate:g} is {100 * rate:g} % a year", f"write {rate / 100:g} for {rate:g} %"


def beyond(
    drawdowns: tuple[DrawdownTerms, ...] | None, commitment: Quantity | None, last: int | None
) -> Iterator[Wrong]:
    """Drawdowns out of order, too late, or beyond the commitment (None: drawn capital can be drawn again)."""
    before: DrawdownTerms | None = None
    for index, one in enumerate(drawdowns or ()):
        if before is not None and one.month <= before.month:
            what = f"month {one.month} is not later than the drawdown before it"
            yield Wrong(what, "list drawdowns in the order of their months", (index, "month"))
        if last is not None and one.month > last:
            what = f"month {one.month} comes after drawn_to_month, {last}"
            yield Wrong(what, "draw earlier, or later to drawn_to_month", (index, "month"))
        before = one
    drawn = 0.0
    for index, one in enumerate(drawdowns or ()):
        drawn += one.amount.central_values()[0]
        most = drawn if commitment is None else commitment.central_values()[0]
        if drawn > most * (1 + 1e-12):
            what = f"up to here {drawn:,.12g} are drawn, but only {most:,.12g} committed"
            yield Wrong(what, f"draw less, or commit {drawn:,.12g} or more", (index, "amount"))
            return


def never_redeemed(terms: EarlyRedemptionTerms, context: Any) -> Iterator[Wrong]:
    """Redemption that can never come, or comes before anything could have been drawn."""
    if terms.month == 0:
        yield Wrong("nothing can be redeemed on the day of signing", "give a month after it", ("month",))
    ends = not isinstance(context, Context) or context.may_end_early
    if terms.month is None and terms.when is None and not ends:
        what = "it is never redeemed: there is no month, no 'when', and the contract has no 'termination'"
        yield Wrong(what, "give 'month' or 'when', or the contract a 'termination'")


def misfits(tranche: TrancheTerms, context: Any) -> Iterator[Wrong]:
    """Fields that do not fit together."""
    if tranche.is_owed:
        yield from _without_use(tranche)
        yield from _drawn_too_late(tranche, context)
        yield from _cap_below_coupon(tranche, context)
    else:
        yield from _never_repaid(tranche)
    yield from _of_fees(tranche)
    if tranche.kind == "recoverable_grant" and tranche.pays_coupon:
        yield Wrong("a grant earns no coupon", "drop it, or use another kind, such as loan", ("coupon",))
    if not tranche.is_investors and tranche.investor_fees is not None:
        yield Wrong(f"no investor holds {_a(tranche.kind)}", "drop it", ("investor_fees",))


def _a(kind: str) -> str:
    return kind if kind.endswith("s") else f"a {kind}"


def _of_fees(tranche: TrancheTerms) -> Iterator[Wrong]:
    """Drawdowns of deferred fees, and the order of what is not drawn as needed."""
    if tranche.share_of_fees is not None and tranche.kind != "deferred_fees":
        yield Wrong("only the provider can leave its fees", "use kind: deferred_fees", ("share_of_fees",))
    if tranche.share_of_fees is not None and tranche.drawdowns is not None:
        yield Wrong("fees are left and drawn down too", "keep drawdowns or share_of_fees", ("drawdowns",))
    if "drawdown_order" in tranche.model_fields_set and not tranche.as_needed:
        what = "the order is that of drawdowns as cash is needed, and these are agreed"
        yield Wrong(what, "drop it, or drawdowns and share_of_fees", ("drawdown_order",))


def _without_use(tranche: TrancheTerms) -> Iterator[Wrong]:
    """What the file says of a tranche that is repaid and what cannot have an effect."""
    said = tranche.model_fields_set
    if tranche.rolled_up and tranche.instalments is None:
        yield Wrong("coupon waits for an instalment, but there is none", "give 'instalments'", ("rolled_up",))
    if tranche.coupon_dates is not None and tranche.reads_outcomes:
        yield Wrong("a coupon that reads outcomes falls due when they are read", "drop it", ("coupon_dates",))
    if tranche.coupon_dates is not None and "coupon" not in said:
        yield Wrong("these are dates of a coupon, but there is none", "give 'coupon', or drop it", ("coupon_dates",))
    if tranche.revolving and tranche.instalments is not None:
        what = "instalments are shares of what was drawn, which grows as repaid capital is drawn again"
        yield Wrong(what, "drop revolving or instalments", ("revolving",))


def _drawn_too_late(tranche: TrancheTerms, context: Any) -> Iterator[Wrong]:
    """Agreed drawdowns that would be due for repayment on the day on which they are drawn."""
    end = context.months if isinstance(context, Context) else None
    last = tranche.instalments[-1].month if tranche.instalments else None
    for index, one in enumerate(tranche.drawdowns or ()):
        if last is not None and one.month >= last:
            what = f"month {one.month} is not before the last instalment, in month {last}, when all is due"
            yield Wrong(what, "draw earlier, or let the last instalment be later", ("drawdowns", index, "month"))
        elif one.month == end:
            what = f"month {one.month} is the end of the timeline, where it would be due at once"
            yield Wrong(what, "draw earlier, or use a longer timeline", ("drawdowns", index, "month"))


def _never_repaid(tranche: TrancheTerms) -> Iterator[Wrong]:
    """What has no use for a grant."""
    if tranche.pays_coupon:
        yield Wrong("a grant earns no coupon", "drop it, or use another kind, such as loan", ("coupon",))
    fields = ("instalments", "rolled_up", "coupon_dates", "return_cap", "early_redemption", "repaid_from")
    for name in (*fields, "commitment_fee"):
        if name in tranche.model_fields_set and getattr(tranche, name) not in (None, False):
            other = "loan" if name in ("rolled_up", "coupon_dates", "commitment_fee") else "recoverable_grant"
            what = f"'{name}' has no use for a grant, which is never repaid"
            yield Wrong(what, f"drop it, or use kind: {other}", (name,))
    if tranche.revolving:
        yield Wrong("a grant is never repaid, so never drawn again", "drop it", ("revolving",))


def _cap_below_coupon(tranche: TrancheTerms, context: Any) -> Iterator[Wrong]:
    """A cap on the rate of return that the coupon alone goes beyond."""
    cap = tranche.return_cap.rate if tranche.return_cap else None
    if cap is None:
        return
    coupon, months = tranche.least_coupon, context.period_months if isinstance(context, Context) else None
    if tranche.day_count != "effective" and tranche.compounds and months:
        coupon = (1 + coupon * months / 12) ** (12 / months) - 1
    least = cap.central_values()[0]
    if least < coupon * (1 - 1e-9):
        what = f"the cap of {100 * least:.6g} % a year lies below the coupon of {100 * coupon:.6g} % a year"
        yield Wrong(what, "raise the cap or lower the coupon", ("return_cap", "rate"))
