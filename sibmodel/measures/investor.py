"""What investors get: returns, losses, and how much money is out for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.discounting import flat_discount_factors
from sibmodel.core.flows import sum_of
from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray, first_of, last_of, over_time, running_total, weighed
from sibmodel.measures.irr import DUST, Rates, irr, modified
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books


def investor_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """All tranches together, then each by name."""
    capital = books.scenario.capital
    yield from _of_party(books, "investor", capital.investors, "all investors")
    for name in capital.tranches:
        yield from _of_party(books, f"tranche.{name}", (name,), f"tranche {name}")


def net_flow(books: Books, tranches: tuple[str, ...] | None = None, of_fees: bool = False) -> FloatArray:
    """Net flow to some tranches, to all investors' if none is named, rounding removed; (periods, trials).

    `of_fees` is after what investors pay their fund managers.
    """
    names = books.scenario.capital.investors if tranches is None else tranches

    def net() -> FloatArray:
        flow = books.settlement.capital.net(names, of_fees)
        np.copyto(flow, 0.0, where=np.abs(flow) < DUST)
        return flow

    return books.memo.once(("net flow", names, of_fees), net)


@dataclass(frozen=True)
class _Returns:
    """What some tranches bring their investors, in every trial."""

    rates: Rates
    modified: FloatArray
    multiple: FloatArray
    profit: FloatArray
    npv: FloatArray
    deepest: FloatArray
    first_deepest: FloatArray
    payback: FloatArray

    @classmethod
    def of(cls, books: Books, tranches: tuple[str, ...]) -> _Returns:
        """Worked out once for the same tranches, which may be all that there are."""
        return books.memo.once(("returns", tranches), lambda: cls._of(books, tranches))

    @classmethod
    def _of(cls, books: Books, tranches: tuple[str, ...]) -> _Returns:
        timeline, rate = books.scenario.timeline, books.scenario.discounting.investor
        net = net_flow(books, tranches)
        cumulative = running_total(net)
        drawn = sum_of(books.settlement.capital.tranches[name].drawdown for name in tranches) > DUST
        deepest = np.maximum(-cumulative.min(axis=0), 0.0)
        back = np.clip(net, 0.0, np.inf)  # three times as fast as a maximum with nought
        put_in = back - net
        return cls(
            rates=irr(net, timeline.per_year),
            modified=modified(put_in, back, timeline.per_year, rate, rate),
            multiple=_multiple(put_in, back),
            profit=cumulative[-1] + 0.0,
            npv=weighed(net, flat_discount_factors(timeline.years, rate)),
            deepest=deepest,
            first_deepest=np.where(deepest > DUST, first_of(cumulative <= DUST - deepest), 0) * 1.0,
            payback=_payback(cumulative, np.broadcast_to(drawn, net.shape), timeline.years),
        )


def _of_party(books: Books, prefix: str, tranches: tuple[str, ...], who: str) -> Iterator[tuple[str, Values]]:
    timeline, rate = books.scenario.timeline, books.scenario.discounting.investor
    own = _Returns.of(books, tranches)
    words = f"internal rate of return of {who}, a year"
    yield f"{prefix}.irr", Values(own.rates.annual, "rate", words, own.rates.status)
    words = f"modified internal rate of return of {who}, a year, at {rate:.2%}"
    yield f"{prefix}.mirr", Values(own.modified, "rate", words)
    yield f"{prefix}.multiple", Values(own.multiple, "ratio", f"money multiple of {who}")
    yield f"{prefix}.profit", pounds(own.profit, f"received less drawn by {who}, nominal")
    if any(books.scenario.capital.tranches[name].investor_fees is not None for name in tranches):
        after = net_flow(books, tranches, of_fees=True)
        rates = irr(after, timeline.per_year)
        words = f"internal rate of return of {who} after fees of fund managers, a year"
        yield f"{prefix}.net_irr", Values(rates.annual, "rate", words, rates.status)
        words = f"money multiple of {who} after fees of fund managers"
        yield (
            f"{prefix}.net_multiple",
            Values(_multiple(np.maximum(-after, 0.0), np.maximum(after, 0.0)), "ratio", words),
        )
    yield f"{prefix}.npv", pounds(own.npv, f"net present value to {who}, nominal flows at {rate:.2%} a year")
    yield from _losses(own.profit, prefix, who)
    yield f"{prefix}.peak_funding", pounds(own.deepest, f"most that {who} are out of pocket at any time")
    words = f"period in which {who} are furthest out of pocket"
    yield f"{prefix}.peak_funding_period", Values(own.first_deepest, "period", words)
    yield f"{prefix}.payback_period", Values(own.payback, "years", f"years until {who} have their money back for good")


def investor_losses(books: Books) -> Iterator[tuple[str, Values]]:
    """Chance and size of loss of all tranches together."""
    yield from _losses(over_time(net_flow(books)), "investor", "all investors")


def _losses(profit: FloatArray, prefix: str, who: str) -> Iterator[tuple[str, Values]]:
    short = np.maximum(-profit, 0.0)
    loss = np.where(short > PENNY, short, 0.0)
    chance = (loss > 0).astype(np.float64)
    yield f"{prefix}.loss_probability", Values(chance, "probability", f"chance that {who} lose money")
    yield f"{prefix}.expected_loss", pounds(loss, f"drawdowns not received back by {who}")


def _multiple(put_in: FloatArray, back: FloatArray) -> FloatArray:
    """Sum of positive net flows over the sum of negative ones; not a number without a negative one."""
    paid_in, paid_out = over_time(put_in), over_time(back)
    return np.asarray(np.divide(paid_out, paid_in, out=np.full_like(paid_in, np.nan), where=paid_in > 0))


def _payback(cumulative: FloatArray, drawn: npt.NDArray[np.bool_], years: FloatArray) -> FloatArray:
    """Years to the first period, at or after the first drawdown, from which the total never falls below zero again."""
    whole_again = np.maximum(last_of(cumulative < -PENNY) + 1, first_of(drawn))
    known = drawn.any(axis=0) & (whole_again < len(years))
    return np.asarray(np.where(known, years[np.minimum(whole_again, len(years) - 1)], np.nan))
