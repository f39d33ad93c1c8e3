"""Scenarios compared, told to somebody who decides between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibmodel.core.reconciliation import PENNY
from sibmodel.questions.comparison import Comparison
from sibmodel.report.horizon_words import cut_off_of
from sibmodel.report.numbers import shown, with_error
from sibmodel.report.section import Section, Table
from sibmodel.running.statistics import Summary

HEADLINES = (
    ("investor.irr", "investors' return a year (IRR)"),
    ("investor.irr_of_mean_flow", "return on the mean cash flow"),
    ("investor.multiple", "money back for each £1"),
    ("investor.npv", "investors' net present value"),
    ("investor.loss_probability", "chance that investors lose"),
    ("investor.expected_loss", "investors' mean loss"),
    ("investor.expected_shortfall", "mean loss in the worst 5%"),
    ("payers.payments", "payments of all payers"),
    ("commissioner.payments", "payments of commissioners"),
    ("commissioner.net_saving", "net saving of commissioners"),
    ("commissioner.cashable_net_saving", "cashable net saving"),
    ("public.savings_per_pound", "savings per £1 spent"),
    ("public.npv", "net present value to the public"),
    ("programme.started", "people who start"),
    ("vehicle.funding_gap", "money that is missing"),
)
_DUST = 1e-7
"""Rates and ratios that differ by less do so by rounding."""
LONGEST = 300
"""Characters of a list by period; all else is shorter."""
_NOTE = (
    "Means of differences over futures in which both have a value. The return on the mean cash flow has the error of "
    "two separate runs, which is too large. Changes of rates are in percentage points."
)


def comparison_story(found: Comparison) -> list[Section]:
    """What was changed, and what it changes, a section for each scenario after the first."""
    first = found.results[0]
    sentences = [
        f"{first.record.trials:,} simulated futures with the same luck in each (seed {first.record.seed}), so that a "
        "difference is due to what was changed. After ± stands a figure's standard error; a difference smaller than "
        "about two of its own is called noise: more futures may turn it round. Where there are too few futures to know "
        "the error, a difference is called unsure."
    ]
    cut = zip(found.names, (cut_off_of(result.base) for result in found.results), strict=True)
    sentences += [f"{name}: {words}" for name, told in cut for words in told]
    sections = [Section(f"Compared: {' | '.join(found.names)}", sentences), _inputs(found)]
    sections += [_differences(found, i) for i in range(1, len(found.results))]
    return sections


def _inputs(found: Comparison) -> Section:
    if not found.inputs:
        alike = len({result.record.hash for result in found.results}) == 1
        words = "Nothing: the scenarios say the same." if alike else "No number and no rule, only what is said of them."
        return Section("What was changed", [words])
    headings = ("address", *found.names, "unit", "source")
    rows = [
        (one.address, *("–" if v is None else _short(v) for v in one.values), one.unit, _short(one.source))
        for one in found.inputs
    ]
    apart = any(" | " in one.source for one in found.inputs)
    note = "Source: of each in turn, where they are not the same." if apart else ""
    return Section("What was changed", [], [Table(headings, rows, note, worded=tuple(range(1, len(headings))))])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _differences(found: Comparison, which: int) -> Section:
    before, after = found.results[0], found.results[which]
    gaps = {name: found.differences[name][which - 1] for name, _ in HEADLINES if name in found.differences}
    rows, tails = [], []
    for name, words in HEADLINES:
        gap = gaps.get(name)
        if gap is None or (before[name].mean is None and after[name].mean is None):
            continue
        means = (with_error(r[name].mean, r[name].se, gap.unit) for r in (before, after))
        rows.append((words, shown(gap.base, gap.unit), *means, _told(gap, "mean")))
        if gap.percentiles[50] is not None:
            tails.append((words, *(_told(gap, f"p{p}") for p in (5, 50, 95))))
    note = " ".join([_NOTE, *_without_value(found, gaps)])
    tables = [Table(("", "change of the base case", "mean of the first", "mean of this one", "change"), rows, note)]
    if tails:
        note = "Changes of the level below which one future in twenty, half, and nineteen in twenty lie."
        tables.append(Table(("", "5%", "50%", "95%"), tails, note))
    return Section(f"What it changes: {found.names[which]}", list(_in_words(found, which)), tables)


def _without_value(found: Comparison, gaps: Mapping[str, Summary]) -> Iterator[str]:
    """In how many futures not both have a value, of measures of which that is so."""
    count = found.results[0].record.trials
    for name, words in HEADLINES:
        if name in found.results[0].values and name in gaps and gaps[name].defined < count:
            yield f"Not both have a value in {count - gaps[name].defined:,} of {count:,} futures: {words}."


def _told(gap: Summary, statistic: str) -> str:
    value, error = gap.statistic(statistic)
    least = PENNY if gap.unit == "£" else _DUST
    if value is not None and max(abs(value), error or 0.0) < least:
        return "none"
    words = with_error(value, error, gap.unit)
    if value is not None and error is None:
        return f"{words} (unsure)"
    return words + (" (noise)" if gap.within_noise(statistic) else "")


def _in_words(found: Comparison, which: int) -> Iterator[str]:
    """The two or three changes that matter to investors and commissioners."""
    for name, who in (("investor.irr", "Investors' mean return"), ("commissioner.payments", "Commissioners' payments")):
        gaps = found.differences.get(name)
        if gaps is None or gaps[which - 1].mean is None:
            continue
        gap = gaps[which - 1]
        by = with_error(abs(gap.mean or 0.0), gap.se, gap.unit)
        by = by.replace("%", "") + " percentage points" if gap.unit == "rate" else by
        if gap.is_noise:
            yield f"{who}: no difference beyond noise ({by})."
        elif gap.mean:
            yield f"{who}: {'higher' if gap.mean > 0 else 'lower'} by {by}."
        else:
            yield f"{who}: the same."
