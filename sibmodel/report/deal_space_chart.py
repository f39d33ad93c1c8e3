"""A picture of a deal space: who would sign where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.axes import EFFECT, PRICES, Axis
from sibmodel.questions.deal_space import DealSpace
from sibmodel.questions.frontier import Stretch
from sibmodel.report.deal_space_story import asks, headline, number, title_of
from sibmodel.report.style import BLUE, GREEN, INK, ORANGE, PINK, SKY, SMALL, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FINE = 241
"""Points on each side at which the grid is interpolated."""
_LETTER = 0.0082
"""Width of a letter of small print, as a part of the picture's."""
_LINES = 0.09
"""Height of two lines, as a part of the picture's."""
_POINT = 0.0017, 0.0037
"""A printer's point as a part of the picture's width and height."""
_ASIDE = 9.0
"""Points from a mark to its name."""
_Box = tuple[float, float, float, float]
"""Left, bottom, right and top as parts of the picture."""
_MIXED = "#B8B8B8"
_COLOURS = (ORANGE, SKY, PINK, BLUE)


def deal_space_chart(found: DealSpace) -> Figure:
    """Who would sign where: green where all would; else the colour of the only party that would not, or grey."""
    note = (
        f"{found.scenario.title}. Means of {found.record.trials:,} simulated futures, the same at every point, seed "
        f"{found.record.seed}. " + " ".join(f"{c.party[0].upper()}{c.party[1:]}: {asks(c)}." for c in found.conditions)
    )
    figure, (axes,) = canvas(headline(found), note, 5.6)
    x, y = (np.linspace(*axis.between, _FINE) for axis in (found.price, found.against))
    inside = {party: _inside_by(found, party, x) for party in found.parties}
    names = _paint(axes, x, y, {party: by < 0 for party, by in inside.items()})
    for by in inside.values():
        if by.min() < 0 <= by.max():
            axes.contour(x, y, by, levels=[0.0], colors=INK, linewidths=1.1)
    _points(axes, found, names)
    for axis, label, which in (
        (found.price, axes.set_xlabel, axes.xaxis),
        (found.against, axes.set_ylabel, axes.yaxis),
    ):
        words = title_of(axis)
        label(words[0].upper() + words[1:], size=SMALL + 1)
        which.set_major_formatter(_ticks(axis))
    axes.set_xlim(*found.price.between)
    axes.set_ylim(*found.against.between)
    return figure


def _inside_by(found: DealSpace, party: str, x: FloatArray) -> FloatArray:
    """How far inside the prices that suit a party a point lies, below 0 outside, (second number, price).

    Measured along the price from the ends that were narrowed down, in between straight from row to row.
    """
    rows = np.array([_depth(found, row.parties[party], x) for row in found.rows])
    up, own = np.linspace(*found.against.between, _FINE), [row.against for row in found.rows]
    return np.stack([np.interp(up, own, column) for column in rows.T], axis=1)


def _depth(found: DealSpace, stretches: Sequence[Stretch], x: FloatArray) -> FloatArray:
    """The same in one row; a step of the grid outside where nothing suits."""
    low, high = found.price.between
    depths = [np.full(x.size, -(high - low) / (len(found.rows) - 1))]
    for one in stretches:
        left = x - one.low.at if one.low.binds is not None else np.full(x.size, high - low)
        right = one.high.at - x if one.high.binds is not None else np.full(x.size, high - low)
        depths.append(np.minimum(left, right))
    return np.asarray(np.maximum.reduce(depths))


def _paint(axes: Axes, x: FloatArray, y: FloatArray, refuses: dict[str, npt.NDArray[np.bool_]]) -> list[_Box]:
    """The regions with their names in them, whose boxes are answered, or above the picture if they are too small."""
    from matplotlib.patches import Patch

    several = np.sum(list(refuses.values()), axis=0)
    alone = {party: where & (several == 1) for party, where in refuses.items()}
    regions = [("all would sign", several == 0, GREEN, "white")]
    regions += [
        (f"{party} would not sign", where, _COLOURS[i % len(_COLOURS)], INK)
        for i, (party, where) in enumerate(alone.items())
    ]
    regions.append(("several would not sign", several > 1, _MIXED, INK))
    small: list[Patch] = []
    names: list[_Box] = []
    for words, where, colour, ink in regions:
        if not where.any():
            continue
        axes.contourf(x, y, where.astype(float), levels=[0.5, 1.5], colors=[colour], alpha=0.9)
        lines = words.replace(" would", "\nwould")
        half = _LETTER * 1.15 * max(map(len, lines.split("\n"))) / 2, _LINES / 2
        at = _middle(where, half)
        if at is None:
            small.append(Patch(color=colour, alpha=0.9, label=words))
            continue
        row, column = at
        names.append(_around(column / (_FINE - 1), row / (_FINE - 1), *half))
        axes.text(x[column], y[row], lines, ha="center", va="center", size=SMALL + 1, color=ink)
    if small:
        axes.legend(
            handles=small, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(small), frameon=False, fontsize=SMALL,
            labelcolor=INK,
        )  # fmt: skip
    return names


def _around(x: float, y: float, width: float, height: float) -> _Box:
    return x - width, y - height, x + width, y + height


def _middle(where: npt.NDArray[np.bool_], half: tuple[float, float]) -> tuple[int, int] | None:
    """Where a name of half a width and height lies within a region, farthest from its edge; None where it does not."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    width, height = (2 * round(size * (_FINE - 1)) + 1 for size in half)
    room = binary_erosion(where, np.ones((height, width), dtype=bool))
    if not room.any():
        return None
    depth = np.where(room, distance_transform_edt(np.pad(where, 1))[1:-1, 1:-1], 0.0)
    row, column = np.unravel_index(int(np.argmax(depth)), where.shape)
    return int(row), int(column)


def _points(axes: Axes, found: DealSpace, names: Sequence[_Box]) -> None:
    """Today's deal, and what each party would like best, where they lie within the picture."""
    from matplotlib.patheffects import withStroke

    told = [("today", found.today.price, found.today.against, "o", INK)]
    told += [
        (f"best for {party}", c.price, c.against, "*", "white") for party, c in found.best.items() if c is not None
    ]
    pale = [withStroke(linewidth=2.5, foreground="white", alpha=0.7)]
    here = [
        (words, price, against, marker, colour)
        for words, price, against, marker, colour in told
        if price is not None and against is not None and _inside(found.price, price) and _inside(found.against, against)
    ]
    spots = [(_share(found.price, price), _share(found.against, against)) for _, price, against, *_ in here]
    taken = [*names, *(_around(x, y, 0.012, 0.025) for x, y in spots)]
    for (words, price, against, marker, colour), spot in zip(here, spots, strict=True):
        axes.plot(price, against, marker, color=colour, mec=INK, ms=11 if marker == "*" else 8, clip_on=False, zorder=5)
        right, up, box = _free(spot, words, taken)
        taken.append(box)
        axes.annotate(
            words, (price, against), (_ASIDE if right else -_ASIDE, up), textcoords="offset points", va="center",
            ha="left" if right else "right", size=SMALL, color=INK, path_effects=pale, zorder=6,
        )  # fmt: skip


def _free(spot: tuple[float, float], words: str, taken: Sequence[_Box]) -> tuple[bool, float, _Box]:
    """Where a name may stand beside its point: to the right or not, so many points higher, and its box.

    The first place that lies in the picture and over nothing else; else the first of all.
    """
    width, height = _LETTER * len(words), 0.036

    def box(right: bool, up: float) -> _Box:
        x = spot[0] + (_ASIDE * _POINT[0] if right else -_ASIDE * _POINT[0] - width)
        y = spot[1] + up * _POINT[1]
        return x, y - height / 2, x + width, y + height / 2

    sides = (True, False) if spot[0] <= 1 / 2 else (False, True)
    places = [(right, up) for up in (10.0, -10.0, 23.0, -23.0, 36.0, -36.0) for right in sides]
    free = [place for place in places if _is_free(box(*place), taken)]
    right, up = (free or places)[0]
    return right, up, box(right, up)


def _is_free(box: _Box, taken: Sequence[_Box]) -> bool:
    low_x, low_y, high_x, high_y = box
    inside = low_x >= 0 and low_y >= 0 and high_x <= 1 and high_y <= 1
    return inside and not any(low_x < x1 and x0 < high_x and low_y < y1 and y0 < high_y for x0, y0, x1, y1 in taken)


def _share(axis: Axis, value: float) -> float:
    """Where a value lies between the bounds, 0 to 1."""
    return (value - axis.between[0]) / (axis.between[1] - axis.between[0])


def _inside(axis: Axis, value: float) -> bool:
    return axis.between[0] <= value <= axis.between[1]


def _ticks(axis: Axis) -> Callable[[float, float], str]:
    """Ticks in the axis' unit."""
    if axis.name in (PRICES, EFFECT):
        return lambda value, _: f"{value:g} ×"
    return lambda value, _: number(axis, value).removesuffix(".00")
