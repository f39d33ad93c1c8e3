"""Numbers in words that a reader can take in at a glance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from sibmodel.core.quantity import Quantity

_SCALES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
_SMALL_CHANCE = 3
"""Rule of three: nothing seen in n trials means a chance below about 3 in n."""

_HUGE = 1e16
"""From here on figures are written in powers of ten."""

_DUST = 1e-9
_A_PENNY = 0.005
_SAME = 1e-8  # rates of return are found about that closely: futures all alike may differ by so much

_FINER = 10
"""An error so many times smaller than the last figure of its value asks for more figures."""

_FEW_CHANGES = 3
"""So many values by period are told one by one."""


def money(value: float | None, figures: int = 3) -> str:
    """Pounds to three (or so many) significant figures: £1.65m, £168k, −£420."""
    if value is None:
        return "–"
    size = abs(value)
    if size < 0.5:
        return "£0"
    sign = "−" if value < 0 else ""
    if size >= _HUGE:
        return f"{sign}£{_power(size)}"
    for scale, letter in _SCALES:
        if size >= scale * (1 - 0.5 * 10**-figures):
            return f"{sign}£{_rounded(size / scale, figures)}{letter}"
    return f"{sign}£{size:.0f}"


def exactly(pounds: float) -> str:
    """A price as a contract writes it: £289.41, £400."""
    small = 0 < abs(pounds) < 0.01
    return f"£{pounds:,.2g}" if small else f"£{pounds:,.2f}".removesuffix(".00")


def _rounded(value: float, figures: int = 3) -> str:
    near = float(f"{value:.{figures}g}")
    return f"{near:,.{max(0, figures - 1 - math.floor(math.log10(near)))}f}"


def _power(value: float) -> str:
    return f"{value:.2e}".replace("e+", "e").replace("-", "−")


def per_cent(value: float | None, decimals: int = 1) -> str:
    """A rate or share: 9.1%."""
    if value is None:
        return "–"
    text = _power(abs(100 * value)) if abs(value) >= 1e7 else f"{abs(100 * value):,.{decimals}f}"
    return ("−" if value < 0 and float(text.replace(",", "")) else "") + f"{text}%"


def rate(value: float) -> str:
    """A rate as somebody wrote it: 5%, 3.5%."""
    return f"{100 * value:.6g}%".replace("-", "−")


def ratio(value: float | None) -> str:
    """A plain number with two decimals."""
    if value is None:
        return "–"
    return _power(value) if abs(value) >= 1e9 else f"{value:,.2f}".replace("-", "−")


def count(value: float | None) -> str:
    """A number of something: 2,250 whole, small ones to three significant figures."""
    if value is None:
        return "–"
    size = abs(value)
    if size < _DUST:
        return "0"
    if size >= _HUGE or size < 1e-4:
        return _power(value)
    return ("−" if value < 0 else "") + (f"{size:,.0f}" if size >= 99.95 else _rounded(size))


def four_figures(value: float) -> str:
    """A number of a scenario: four figures, and whole numbers from 1,000 on."""
    return figures(value, 4)


def figures(value: float, digits: int) -> str:
    """A number to so many figures, never cutting off any before the point."""
    text = f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:,.{digits}g}"
    return text.replace("-", "−")


def shown(value: float | None, unit: str) -> str:
    """A measure's value in the form its unit calls for."""
    if unit == "£":
        return money(value)
    if unit in ("rate", "probability"):
        return per_cent(value)
    if unit == "£ per £":
        return "–" if value is None else f"£{ratio(value)}".replace("£−", "−£")
    if unit == "period":
        return "–" if value is None else f"{value:.0f}"
    return count(value) if unit in ("outcome unit", "people") else ratio(value)


def error(value: float | None, unit: str) -> str:
    """A standard error, to two figures where small ones would vanish; 0 where there is none."""
    if value is None:
        return "–"
    if value < (_SAME if unit in ("rate", "probability") else _DUST):
        return "0"
    if unit in ("rate", "probability"):
        return per_cent(value, 2) if value >= 1e-4 else f"{100 * value:.1g}%"
    if unit == "£" and value < _A_PENNY:
        return "0"
    if unit == "£":
        return money(value, 2) if value >= 0.5 else f"£{value:.1g}"
    text = count(value) if value >= 99.5 else f"{value:.2g}"
    return f"£{text}" if unit == "£ per £" else text


def with_error(value: float | None, standard_error: float | None, unit: str) -> str:
    """A value and, where it has one, its standard error: £4.57m ± £12k."""
    off = error(standard_error, unit)
    if value is None or standard_error is None or off in ("0", "–"):
        return shown(value, unit)
    return f"{_as_sure(value, standard_error, unit)} ± {off}"


def _as_sure(value: float, standard_error: float, unit: str) -> str:
    """A value as usual; to the first figure of its error where that is far smaller than what is rounded away."""
    first = math.floor(math.log10(standard_error))
    if unit in ("rate", "probability"):
        return per_cent(value, max(-2 - first, 2)) if standard_error < 0.1 / 100 / _FINER else per_cent(value)
    last = math.floor(math.log10(max(abs(value), _DUST))) - 2  # the third figure, to which money is rounded
    if unit != "£" or abs(value) >= _HUGE or standard_error >= 10.0 ** max(last, 0) / _FINER:
        return shown(value, unit)
    if first >= 0:
        return money(value, 3 + last - first)
    first = max(first, -2)
    return f"{'−' if value < 0 else ''}£{abs(value):,.{-first}f}"


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def in_words(quantity: Quantity, form: Callable[[float], str]) -> str:
    """A number of the scenario: £5; £5 on average, where it is uncertain; £5 up to period 3, then £7.

    One that changes more than a few times is told by its range: £5 to £7 (changing by period).
    """
    values = quantity.central_values()
    starts = quantity.from_period or range(1, len(values) + 1)
    runs = [(start, form(value)) for start, value in zip(starts, values, strict=True)]
    changes = [run for before, run in pairwise([(0, ""), *runs]) if run[1] != before[1]]
    low, high = form(min(values)), form(max(values))
    text = f"{low} to {high} (changing by period)"
    if len(changes) <= _FEW_CHANGES:
        until = [f"{words} up to period {later - 1}" for (_, words), (later, _) in pairwise(changes)]
        text = ", then ".join([*until, changes[-1][1]])
    if not quantity.is_uncertain:
        return text
    return f"{text} {'on average' if quantity.central is None else 'in the base case'}"


def is_nothing(quantity: Quantity) -> bool:
    """Whether a number is surely nought, in every period."""
    return not quantity.is_uncertain and not any(quantity.central_values())


def chance(share: float, trials: int) -> str:
    """A probability as a natural frequency, never a bare nought or a hundred."""
    seen = round(share * trials)
    if seen == 0:
        few = f" (so in fewer than about {_SMALL_CHANCE} of {trials:,})" if trials > _SMALL_CHANCE**2 else ""
        return f"in none of {trials:,} futures{few}"
    if seen == trials:
        return f"in all {trials:,} futures"
    if _in_hundreds(share):
        return f"in about {100 * share:.0f} of 100 futures"
    return f"in {seen:,} of {trials:,} futures"


def chance_and_error(share: float, trials: int, standard_error: float | None = None) -> str:
    """A chance and its standard error, √(p(1 − p)/n) if not given, as a frequency: in about 31 ± 0.5 of 100 futures."""
    if round(share * trials) in (0, trials):
        return chance(share, trials)
    se = math.sqrt(share * (1.0 - share) / trials) if standard_error is None else standard_error
    if not _in_hundreds(share):
        return f"in {round(share * trials):,} ± {se * trials:,.0f} of {trials:,} futures"
    return f"in about {100 * share:.0f} ± {100 * se:.{1 if se >= 5e-4 else 2}f} of 100 futures"


def _in_hundreds(share: float) -> bool:
    """Whether a hundred futures are enough to show it."""
    return 0.01 <= share < 0.99
