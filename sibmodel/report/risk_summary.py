"""Where the risks fall, in the few sentences that a mayor reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sibmodel.questions.risk import RiskResult
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import chance, money, per_cent

_MOST_NAMED = 2


def in_short(result: RiskResult, party: Callable[[str], str]) -> Iterator[str]:
    """The risk that moves most, the chance of loss, what must succeed, and whom it suits; `party` names a column."""
    yield from _largest(result, party)
    for name, profile in result.suitability.profiles.items():
        if profile.drawn:
            whole = result.break_even.tranches.get(name)
            enough = f"; it has its money back from {of_plan(whole.low)} of the plan" if whole is not None else ""
            suited = [kind.title for kind in result.suitability.suits(name)]
            suits = f" It would suit: {', '.join(suited) or 'none of the kinds of investor looked at'}."
            lost = chance(profile.loss.mean, result.record.trials)
            yield f"Tranche {spaced(name)} loses money {lost}{enough}.{suits}"


def of_plan(share: float) -> str:
    """A share of the plan in whole per cent; with as many decimals as it takes to tell it from the plan itself."""
    decimals = next((d for d in range(3) if abs(share - 1.0) >= 0.5 * 10.0 ** -(d + 2)), 3)
    return per_cent(share, 0 if share == 1.0 else decimals)


def _largest(result: RiskResult, party: Callable[[str], str]) -> Iterator[str]:
    """What hurts most if it turns out worse, and whom."""
    columns = result.matrix.columns

    def moves(changes: dict[str, float]) -> float:
        return max((abs(pounds) for pounds in changes.values()), default=0.0)

    rows = {
        row.risk.name: {
            key: row.changes[key].mean for key in columns if key in row.changes and not row.changes[key].is_noise
        }
        for row in result.matrix.rows
    }
    name = max(rows, key=lambda one: moves(rows[one]), default=None)
    if name is None or not moves(rows[name]):
        yield "Nothing that is uncertain here moves any money beyond noise."
        return
    ordered = sorted(rows[name].items(), key=lambda item: item[1])
    losers = [f"{party(key)} {money(-pounds)}" for key, pounds in ordered[:_MOST_NAMED] if pounds < 0]
    gainers = [f"{party(key)} {money(pounds)}" for key, pounds in ordered[::-1][:_MOST_NAMED] if pounds > 0]
    gain = f", and brings {' and '.join(gainers)}" if gainers else ""
    yield f"The risk that moves most money is {name}: if it turns out worse, it costs {' and '.join(losers)}{gain}."
