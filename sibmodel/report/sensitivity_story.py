"""What a measure depends on, told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sibmodel.questions.sensitivity import Sensitivity
from sibmodel.questions.sensitivity.effects import MOST_PLAYERS, Effects
from sibmodel.questions.sensitivity.grid import Axis, Grid
from sibmodel.questions.sensitivity.importance import MOST, Told
from sibmodel.questions.sensitivity.switches import Switching
from sibmodel.questions.sensitivity.tornado import Bar
from sibmodel.report.numbers import error, four_figures, per_cent, shown, with_error
from sibmodel.report.section import Section, Table

ROWS = 15
"""Rows of a tornado at most; the rest is told in a sentence."""
_NAMED = 6
"""Addresses that one sentence names at most."""
_NOISE = "within noise"
_SHOWN = 5e-4
"""The smallest share that shows as more than 0.0%."""


def sensitivity_story(found: Sensitivity) -> list[Section]:
    """Its sections: what is looked at, each number moved alone, what knowing it tells, where it would have to be."""
    sections = [_opening(found)]
    if found.bars:
        sections += [_tornado(found), _importance(found)]
    if found.effects is not None:
        sections.append(_effects(found.effects))
    if found.switches:
        sections.append(_switches(found, found.switches))
    if found.grid is not None:
        sections.append(_grid(found, found.grid))
    return [*sections, _rests_on(found)]


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """Names in a sentence: a, b and c; of many the first few and how many more."""
    told = list(names) if len(names) <= most + 1 else [*names[:most], f"{len(names) - most} more"]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _with_unit(address: str, unit: str) -> str:
    return f"{address} ({unit})" if unit else address


def _opening(found: Sensitivity) -> Section:
    mean = found.mean
    sentences = [f"{found.label[0].upper()}{found.label[1:]}."]
    if mean is None:
        sentences.append("It has no value in any of the futures.")
    else:
        average = with_error(mean.mean, mean.se, found.unit)
        sentences.append(
            f"In the base case {shown(found.base, found.unit)}; on average {average} over {found.defined:,} simulated "
            f"futures, with a standard deviation of {shown(found.sd, found.unit)}."
        )
    if found.defined < found.record.trials and mean is not None:
        sentences.append(f"In the other {found.record.trials - found.defined:,} futures it has no value.")
    if found.good is not None:
        sentences.append(f"{'More' if found.good.more else 'Less'} of it is better for {found.good.whom}.")
    if not found.bars:
        sentences.append("No number of the file is uncertain, so that there is nothing to move; give one a range.")
    return Section(f"What {found.measure} depends on", sentences)


def _tornado(found: Sensitivity) -> Section:
    moving = [bar for bar in found.bars if bar.moves]
    still = [bar.address for bar in found.bars if not bar.moves]
    rows = [row for bar in moving[:ROWS] for row in _bar(bar, found.base, found.unit)]
    sentences = []
    if len(moving) > ROWS:
        most = shown(moving[ROWS].width, found.unit)
        sentences.append(f"The {len(moving) - ROWS} numbers not shown move it by {most} each at most.")
    if still:
        sentences.append(
            f"It does not depend on {listed(still)}, as far as the base case shows." if moving else "Nothing moves it."
        )
    if found.together:
        groups = "; ".join(listed(names) for names in found.together)
        sentences.append(
            f"These move together: {groups}. Moving one alone breaks that. In the row below each, the others of its "
            "group move with it, to the middle of what they then may be."
        )
    note = (
        "'From' and 'to': no more than one future in ten lies below the first, or above the second. All else is as in "
        f"the base case ({shown(found.base, found.unit)}), noise and luck are nought, so nothing here is simulated."
    )
    headings = ("number", "from", "to", "measure there", "and there", "moves it by")
    return Section("Each number moved alone", sentences, [Table(headings, rows, note)] if rows else [])


def _bar(bar: Bar, base: float | None, unit: str) -> Iterator[tuple[str, ...]]:
    values, moved = (four_figures(bar.low), four_figures(bar.high)), shown(bar.width, unit)
    yield (_with_unit(bar.address, bar.unit), *values, shown(bar.at_low, unit), shown(bar.at_high, unit), moved)
    if bar.with_low is not None and bar.with_high is not None:
        ends = (bar.with_low, bar.with_high, *(() if base is None else (base,)))
        moved = shown(max(ends) - min(ends), unit)
        yield ("  and its group with it", "", "", shown(bar.with_low, unit), shown(bar.with_high, unit), moved)


def _importance(found: Sensitivity) -> Section:
    title = "What knowing a number would tell"
    if not found.told:
        few = "It is the same in all futures." if found.defined else "It has no value to tell of."
        return Section(title, [few if found.defined == 0 or found.sd == 0 else "There are too few futures to tell."])
    clear = [one for one in found.told if not one.within_noise]
    dim = [one.name for one in found.told if one.within_noise]
    sentences = []
    if dim:
        sentences.append(f"What {listed(dim)} would tell is within noise.")
    rows = [_told(one, found.unit) for one in clear[:ROWS]]
    if len(clear) > ROWS:
        sentences.append(f"{len(clear) - ROWS} numbers not shown tell {per_cent(clear[ROWS].part.share)} each at most.")
    sentences.append(_luck(found))
    if found.together:
        sentences.append("It holds though numbers move together: each also tells of those that move with it.")
    note = (
        "Of the variance: the part that would be gone if the number were known, from the same futures as `run` and "
        "tested on futures that the fit has not seen. Mean where low, high: over the fifth of the futures with the "
        "lowest, and the highest, values of the number."
    )
    headings = ("number", "of the variance", "± s.e.", "mean where low", "where high")
    return Section(title, sentences, [*([Table(headings, rows, note)] if rows else []), *_by_risk(found)])


def _told(one: Told, unit: str) -> tuple[str, ...]:
    ends = (("–" if mean is None else with_error(mean.mean, mean.se, unit)) for mean in (one.low, one.high))
    return (one.name, per_cent(one.part.share), per_cent(one.part.share_se), *ends)


def _by_risk(found: Sensitivity) -> Iterator[Table]:
    if len(found.risks) < 2:
        return
    rows = [
        (one.name, f"{len(one.addresses)}", _NOISE if one.within_noise else per_cent(one.part.share),
         per_cent(one.part.share_se) if one.addresses else "–")
        for one in found.risks
    ]  # fmt: skip
    note = (
        "All numbers of a risk known at once, as far as they move the measure in the base case or tell of it alone "
        f"({MOST} at most). Parts need not add up."
    )
    yield Table(("risk", "numbers that matter", "of the variance", "± s.e."), rows, note)


def _luck(found: Sensitivity) -> str:
    if found.luck is None:
        return "All numbers together explain it wholly: there is no luck, noise or wandering in it."
    share, se = found.luck.share, found.luck.share_se
    return (
        f"All numbers together explain {per_cent(1.0 - share)} of the variance. The other {per_cent(share)} ± "
        f"{per_cent(se)} is luck, noise in measuring and wandering volumes, which no knowledge of these numbers takes "
        "away; `sibmodel spread` tells them apart."
    )


def _effects(found: Effects) -> Section:
    title = {
        "total": "Total effects: what would be left if all else were known",
        "shapley": "Shapley effects: the variance shared out",
    }[found.kind]
    if not found.total.variance:
        few = "There are too few futures in which it has a value, with each number drawn anew too, to tell."
        return Section(title, ["It is the same in all futures." if found.defined > 1 else few])
    clear = [one for one in found.effects if not one.within_noise and one.part.share >= _SHOWN]
    dim = [one.player.name for one in found.effects if one not in clear]
    rows = [(one.player.name, per_cent(one.part.share), per_cent(one.part.share_se)) for one in clear]
    sentences = [f"Hardly anything, or nothing but noise: {listed(dim)}."] if dim else []
    several = any(len(one.player.addresses) > 1 and " with " in one.player.name for one in found.effects)
    if several:
        sentences.append(
            "Numbers that move together are drawn anew together: one of them has no total effect of its own, as it "
            "cannot be drawn anew while those that move with it stay. `--effects shapley` divides it among them."
        )
    if len(found.effects) > MOST_PLAYERS:
        sentences.append("Numbers that seemed to matter least are taken together, where there are many.")
    if found.kind == "total":
        every = sum(one.part.share for one in found.effects)
        note = (
            f"Each drawn anew with all else as it was. Together {per_cent(every)}: where numbers only add up 100%, but "
            "for chance; what they do only together is counted in each of them."
        )
    else:
        note = (
            "What each adds to what is known, on average over all orders in which they may become known. They add up "
            "to 100%, whether or not numbers move together, as each is drawn given those that are known."
        )
    return Section(title, sentences, [Table(("number", "of the variance", "± s.e."), rows, note)] if rows else [])


def _switches(found: Sensitivity, switches: tuple[Switching, ...]) -> Section:
    target = shown(found.target, found.unit)
    able = [one for one in switches if one.at is not None]
    unable = [one.address for one in switches if one.at is None]
    sentences = []
    if unable:
        sentences.append(f"Alone these do not bring it there: {listed(unable)}.")
    rows = [
        (_with_unit(one.address, one.unit), four_figures(one.base), four_figures(one.at or 0.0), _change(one.moved),
         _chance(one.chance or 0.0))
        for one in able[:ROWS]
    ]  # fmt: skip
    if len(able) > ROWS:
        least = _chance(able[ROWS].chance or 0.0)
        sentences.append(f"For {len(able) - ROWS} more, not shown, the chance to be beyond is {least} each at most.")
    note = (
        "Each moved alone in the base case, up to four times as far as it may go by its own distribution. Chance "
        "beyond: that it lies on the far side, by that distribution. For the mean over all futures, use "
        "`sibmodel solve`."
    )
    headings = ("number", "base", "must be", "change", "chance beyond")
    return Section(f"Where {found.measure} would be {target}", sentences, [Table(headings, rows, note)] if rows else [])


def _change(moved: float | None) -> str:
    return "–" if moved is None else f"{moved:+,.0%}".replace("-", "−")


def _chance(chance: float) -> str:
    if chance == 0.0:
        return "none"
    return per_cent(chance) if chance >= _SHOWN else "below 0.1%"


def _grid(found: Sensitivity, grid: Grid) -> Section:
    rows = [
        (four_figures(at), *("–" if cell is None else shown(cell.mean, found.unit) for cell in cells))
        for at, cells in zip(grid.rows.values, grid.cells, strict=True)
    ]
    errors = [cell.se for row in grid.cells for cell in row if cell is not None and cell.se is not None]
    most = f" Standard errors are {error(max(errors), found.unit)} at most." if errors and max(errors) > 0 else ""
    sides = f"down {_axis(grid.rows)}, across {_axis(grid.columns)}"
    sentences = [f"The mean of {found.measure} in the same futures: {sides}."]
    together = {name for names in found.together for name in names}
    if {grid.rows.address, grid.columns.address} & together:
        sentences.append("Both are fixed in each cell; what they move together with stays as it was drawn.")
    headings = (f"{_last(grid.rows.address)} \\ {_last(grid.columns.address)}", *map(four_figures, grid.columns.values))
    return Section(f"{grid.rows.address} by {grid.columns.address}", sentences, [Table(headings, rows, most.strip())])


def _axis(axis: Axis) -> str:
    today = "not given today" if axis.today is None else f"{four_figures(axis.today)} today"
    return f"{axis.address} ({f'{axis.unit}, ' if axis.unit else ''}{today})"


def _last(address: str) -> str:
    """Its last name; of an item of a list that and its place."""
    *_, before, last = ("", *address.split("."))
    return (f"{before} {last}" if last.isdigit() else last).replace("_", " ")


def _rests_on(found: Sensitivity) -> Section:
    record = found.record
    sentences = [
        f"{found.title}. {record.trials:,} futures, seed {record.seed}, {record.sampling}; scenario "
        f"{record.hash[:12]}. The formulas are in docs/questions/sensitivity.md.",
        *(f"Warning: {doubt}." for doubt in record.doubts),
    ]
    return Section("What this rests on", sentences)
