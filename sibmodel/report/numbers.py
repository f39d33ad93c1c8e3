"""Numbers in words that a reader can take in at a glance."""

from __future__ import annotations

import math

_SCALES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
_SMALL_CHANCE = 3
"""Rule of three: nothing seen in n trials means a chance below about 3 in n."""


def money(value: float | None) -> str:
    """Pounds to three significant figures: £1.65m, £168k, −£420."""
    if value is None:
        return "–"
    size = abs(value)
    if size < 0.5:
        return "£0"
    sign = "−" if value < 0 else ""
    for scale, letter in _SCALES:
        if size >= scale * 0.9995:
            return f"{sign}£{_three(size / scale)}{letter}"
    return f"{sign}£{size:.0f}"


def _three(value: float) -> str:
    decimals = max(0, 2 - math.floor(math.log10(float(f"{value:.3g}"))))
    return f"{value:.{decimals}f}"


def per_cent(value: float | None, decimals: int = 1) -> str:
    """A rate or share: 9.1%."""
    if value is None:
        return "–"
    text = f"{abs(100 * value):.{decimals}f}"
    return ("−" if value < 0 and float(text) else "") + f"{text}%"


def ratio(value: float | None) -> str:
    """A plain number with two decimals."""
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def shown(value: float | None, unit: str) -> str:
    """A measure's value in the form its unit calls for."""
    if unit == "£":
        return money(value)
    if unit in ("rate", "probability"):
        return per_cent(value)
    if unit == "£ per £":
        return "–" if value is None else f"£{value:.2f}".replace("£-", "−£")
    if unit == "period":
        return "–" if value is None else f"{value:.0f}"
    return ratio(value)


def error(value: float | None, unit: str) -> str:
    """A standard error, to two figures where small ones would vanish."""
    if value is not None and unit in ("ratio", "years", "period", "outcome unit", "£ per £"):
        text = f"{value:.2g}" if value > 1e-9 else "0"
        return f"£{text}" if unit == "£ per £" else text
    if value is not None and unit in ("rate", "probability"):
        return per_cent(value, 2)
    return shown(value, unit)


def chance(share: float, trials: int) -> str:
    """A probability as a natural frequency, never a bare nought or a hundred."""
    seen = round(share * trials)
    if seen == 0:
        return f"in none of {trials:,} futures (so in fewer than about {_SMALL_CHANCE} of {trials:,})"
    if seen == trials:
        return f"in all {trials:,} futures"
    per_hundred = 100 * share
    if per_hundred < 1:
        return f"in {seen:,} of {trials:,} futures"
    return f"in about {per_hundred:.0f} of 100 futures" if per_hundred < 99 else f"in {seen:,} of {trials:,} futures"
