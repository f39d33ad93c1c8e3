"""What distributions have in common: they say themselves in the words of the file, and check what they are given."""

from __future__ import annotations

from typing import Any, ClassVar

from sibmodel.core.schema import Model, Number, Wrong, all_wrong, wrong

Three = tuple[Number, Number, Number]
Two = tuple[Number, Number]

PARAMETERS = {
    "triangular": "low, mode, high",
    "pert": "low, mode, high",
    "uniform": "low, high",
    "normal": "mean, standard deviation",
    "lognormal": "median, standard deviation of the logarithm",
    "between": "low, high",
    "beta": "a, b",
    "gamma": "shape, scale",
    "quartiles": "lower quartile, median, upper quartile",
    "empirical": "number, number, …",
    "within": "low, high",
}


class Spoken(Model):
    """A distribution, which can say itself in the words of the file."""

    advice: ClassVar[str] = "choose ends inside"
    """What to do about one that reaches out of its field's range."""

    @classmethod
    def kind(cls) -> str:
        """The key by which a file names it."""
        return cls.__name__.lower()

    @classmethod
    def may_be(cls, raw: Any) -> bool:
        """Whether this may stand below its key; a mapping elsewhere is something that somebody called by that key."""
        return not isinstance(raw, dict)

    @property
    def params(self) -> tuple[float, ...]:
        """The numbers that make it."""
        params: tuple[float, ...] = getattr(self, self.kind())
        return params

    def __str__(self) -> str:
        return f"{self.kind()}: {listed(self.params)}"


def listed(params: tuple[float, ...]) -> str:
    """Numbers as a file lists them."""
    return f"[{', '.join(f'{p:.12g}' for p in params)}]"


def in_order(params: tuple[float, ...], kind: str) -> tuple[float, ...]:
    """Refuse numbers that do not rise."""
    if list(params) != sorted(params):
        raise wrong(f"{listed(params)} is not in order", f"write [{PARAMETERS[kind]}] from smallest to largest")
    return params


def an_interval(params: Two) -> Two:
    """Refuse two numbers that leave nothing between them."""
    if params[0] >= params[1]:
        raise wrong(f"{listed(params)} is not an interval", "write [low, high] with low below high")
    return params


def positive(params: Two, index: int, name: str) -> None:
    """Refuse a number that is not above 0."""
    if params[index] <= 0:
        raise wrong(f"the {name} is {params[index]:g}", "it must be above 0", index)


def in_reach(params: Two, names: tuple[str, str], least: float, most: float) -> Two:
    """Refuse shapes so extreme that their values would be no numbers any more."""
    right = f"it must be {least:g} to {most:,.0f}"
    beyond = [
        Wrong(f"{name} is {p:g}", right, (index,))
        for index, (name, p) in enumerate(zip(names, params, strict=True))
        if not least <= p <= most
    ]
    if beyond:
        raise all_wrong(beyond)
    return params
