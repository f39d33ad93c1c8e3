"""Charts of where the risks fall."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from sibmodel.questions.risk import RiskResult
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import money
from sibmodel.report.risk_story import party
from sibmodel.report.style import BLUE, INK, NORMAL, RED, SMALL, bare_rows, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FAINTEST = 0.002
"""Part of the largest amount below which nothing is drawn."""


def risk_by_party(result: RiskResult) -> Figure:
    """The matrix as discs: a row a risk, a column a party, the area of a disc the pounds that move."""
    table = result.matrix_frame()[list(result.matrix.columns)].dropna(how="all").fillna(0.0)
    table = table.loc[:, table.abs().max() > _FAINTEST * table.abs().max().max()]
    note = (
        f"{result.scenario.title}. {result.record.trials:,} simulated futures, seed {result.record.seed}. Each risk "
        "alone turns out worse, about as bad as in one future of ten: the change of mean present value, in real "
        "pounds. Red loses, blue gains."
    )
    title = "Who loses and who gains if one thing turns out worse"
    if not table.size:
        title = "Nothing here is uncertain, so nobody loses or gains by it"
    figure, (axes,) = canvas(title, note, 2.0 + 0.8 * len(table))
    _discs(axes, table.to_numpy())
    bare_rows(axes, [spaced(str(name)) for name in table.index])
    words = [textwrap.fill(party(str(key)), 14) for key in table.columns]
    axes.set_xticks(range(len(words)), words, size=NORMAL - 1, color=INK)
    axes.tick_params(axis="x", length=0, labeltop=True, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(-0.6, len(words) - 0.4)
    return figure


def _discs(axes: Axes, pounds: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    """Discs with their amounts below; areas as the pounds."""
    largest = float(np.abs(pounds).max(initial=0.0)) or 1.0
    for row, column in zip(*np.nonzero(np.abs(pounds) > _FAINTEST * largest), strict=True):
        amount = float(pounds[row, column])
        colour = BLUE if amount > 0 else RED
        axes.scatter(column, row - 0.1, s=1100 * abs(amount) / largest, color=colour, alpha=0.8, lw=0)
        axes.text(column, row + 0.4, money(amount), ha="center", va="center", size=SMALL, color=INK)
