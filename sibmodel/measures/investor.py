"""What investors get: returns, losses, and how much money is out for how long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.discounting import flat_discount_factors
from sibmodel.core.flows import total
from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray, over_time, running_total
from sibmodel.measures.irr import DUST, irr, mirr
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
    net = books.settlement.capital.net(names, of_fees)
    return np.where(np.abs(net) < DUST, 0.0, net)


def _of_party(books: Books, prefix: str, tranches: tuple[str, ...], who: str) -> Iterator[tuple[str, Values]]:
    timeline = books.scenario.timeline
    net = net_flow(books, tranches)
    cumulative = running_total(net)
    drawdown = total(books.settlement.capital.tranches[name].drawdown for name in tranches) + np.zeros_like(net)
    rates = irr(net, timeline.per_year)
    rate = books.scenario.discounting.investor
    deepest = np.maximum(-cumulative.min(axis=0), 0.0)
    yield f"{prefix}.irr", Values(rates.annual, "rate", f"internal rate of return of {who}, a year", rates.status)
    modified = mirr(net, timeline.per_year, rate, rate)
    words = f"modified internal rate of return of {who}, a year, at {rate:.2%}"
    yield f"{prefix}.mirr", Values(modified, "rate", words)
    yield f"{prefix}.multiple", Values(_multiple(net), "ratio", f"money multiple of {who}")
    yield f"{prefix}.profit", pounds(over_time(net), f"received less drawn by {who}, nominal")
    if any(books.scenario.capital.tranches[name].investor_fees is not None for name in tranches):
        after = net_flow(books, tranches, of_fees=True)
        own = irr(after, timeline.per_year)
        words = f"{who} after fees of fund managers"
        yield f"{prefix}.net_irr", Values(own.annual, "rate", f"internal rate of return of {words}, a year", own.status)
        yield f"{prefix}.net_multiple", Values(_multiple(after), "ratio", f"money multiple of {words}")
    npv = over_time(flat_discount_factors(timeline.years, rate)[:, None] * net)
    yield f"{prefix}.npv", pounds(npv, f"net present value to {who}, nominal flows at {rate:.2%} a year")
    yield from _losses(net, prefix, who)
    yield f"{prefix}.peak_funding", pounds(deepest, f"most that {who} are out of pocket at any time")
    first = np.where(deepest > DUST, np.argmax(cumulative <= DUST - deepest, axis=0), 0) * 1.0
    yield f"{prefix}.peak_funding_period", Values(first, "period", f"period in which {who} are furthest out of pocket")
    payback = _payback(cumulative, drawdown, timeline.years)
    yield f"{prefix}.payback_period", Values(payback, "years", f"years until {who} have their money back for good")


def investor_losses(books: Books) -> Iterator[tuple[str, Values]]:
    """Chance and size of loss of all tranches together."""
    yield from _losses(net_flow(books), "investor", "all investors")


def _losses(net: FloatArray, prefix: str, who: str) -> Iterator[tuple[str, Values]]:
    short = np.maximum(-over_time(net), 0.0)
    loss = np.where(short > PENNY, short, 0.0)
    chance = (loss > 0).astype(np.float64)
    yield f"{prefix}.loss_probability", Values(chance, "probability", f"chance that {who} lose money")
    yield f"{prefix}.expected_loss", pounds(loss, f"drawdowns not received back by {who}")


def _multiple(net: FloatArray) -> FloatArray:
    """Sum of positive net flows over the sum of negative ones; not a number without a negative one."""
    paid_in, paid_out = over_time(np.maximum(-net, 0.0)), over_time(np.maximum(net, 0.0))
    return np.asarray(np.divide(paid_out, paid_in, out=np.full_like(paid_in, np.nan), where=paid_in > 0))


def _payback(cumulative: FloatArray, drawdown: FloatArray, years: FloatArray) -> FloatArray:
    """Years to the first period, at or after the first drawdown, from which the total never falls below zero again."""
    periods = np.arange(len(years))[:, None]
    out_of_pocket = cumulative < -PENNY
    last_out = np.where(out_of_pocket.any(axis=0), np.where(out_of_pocket, periods, -1).max(axis=0), -1)
    drawn = drawdown > DUST
    whole_again = np.maximum(last_out + 1, np.argmax(drawn, axis=0))
    known = drawn.any(axis=0) & (whole_again < len(years))
    return np.asarray(np.where(known, years[np.minimum(whole_again, len(years) - 1)], np.nan))
