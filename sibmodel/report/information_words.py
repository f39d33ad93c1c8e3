"""Words that the value of information is told in: addresses by name, amounts that may be noise."""

from __future__ import annotations

import math

from sibmodel.questions.information.decision import Worth
from sibmodel.questions.information.evaluation import Chance
from sibmodel.report.numbers import chance_and_error, error, per_cent, with_error

NOISE = "nothing that can be told from chance"
_REACH = 1.96


def listed(numbers: list[int]) -> str:
    """Numbers of people: 200; 200 or 500; 200, 500 or 1,000."""
    words = [f"{n:,}" for n in numbers]
    return " or ".join(", ".join(part) for part in (words[:-1], words[-1:]) if part)


def told(worth: Worth) -> str:
    """Pounds with their standard error, or that they may be chance."""
    amount = with_error(worth.value, worth.se, "£")
    return f"{amount} ({NOISE})" if worth.se > 0.0 and worth.is_noise else amount


def in_table(worth: Worth) -> str:
    """Pounds with their standard error; in brackets where they may be chance, a dash where nothing ever differs."""
    if not worth.value and not worth.se:
        return "–"
    amount = with_error(worth.value, worth.se, "£")
    return f"({amount})" if worth.is_noise else amount


def often(chance: Chance, trials: int) -> str:
    """A chance as a frequency with its standard error."""
    return chance_and_error(chance.value, trials, chance.se)


def share(chance: Chance) -> str:
    """A chance for a table: 13.2% ± 0.53%."""
    return per_cent(chance.value) + (f" ± {error(chance.se, 'rate')}" if chance.se else "")


def no_less(one: Worth, most: Worth) -> bool:
    """Whether it may be as much as the largest: it is less by no more than 1.96 standard errors of both."""
    return most.value - one.value <= _REACH * math.hypot(one.se, most.se)


def capital(words: str) -> str:
    """The same with a capital letter."""
    return words[:1].upper() + words[1:]
