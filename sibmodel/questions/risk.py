"""Where the risks fall: who loses what, at which price, from how many outcomes on, and who could invest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.model import Books, work_through
from sibmodel.questions.break_even import BreakEven, break_even
from sibmodel.questions.directions import Lever, directed, levers_of
from sibmodel.questions.matrix import Matrix, Sums, of_block, rows, with_resources
from sibmodel.questions.positions import columns_of, investors_profit, kinds_of, open_tranches, positions, profits
from sibmodel.questions.price_of_risk import Bills, Price, bills, price_of_risk
from sibmodel.questions.risks import Risk
from sibmodel.questions.suitability import Holding, Suitability, suitability
from sibmodel.questions.tails import Tails, tails
from sibmodel.reference.kinds import Kinds, kinds_of_investor
from sibmodel.running.execution import Progress, asked_for, base_case, trials_of
from sibmodel.running.record import Record, record
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class RiskResult:
    """Where the risks of a scenario fall. Prints itself as a report in a terminal and in a notebook.

    `matrix` is risk by party, `tails` the worst and best futures of investors, `price` what payers pay for shedding
    risk, `break_even` how much of the plan is enough, `suitability` who could invest. Present values are real at the
    public rate. All of it is from the same trials; break-even is of the base case.
    """

    scenario: Scenario
    record: Record
    matrix: Matrix
    tails: Tails
    price: Price
    break_even: BreakEven
    suitability: Suitability

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, in the fixed form of `sibmodel risk --json`."""
        from sibmodel.questions.risk_data import risk_data

        return risk_data(self)

    def matrix_frame(self, errors: bool = False) -> pd.DataFrame:
        """Change of mean present value in pounds, a row a risk, a column a party; or the standard errors."""
        import pandas as pd

        rows = {
            row.risk.name: {k: e.se if errors else e.mean for k, e in row.changes.items()} for row in self.matrix.rows
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=self.matrix.keys).rename_axis("risk")

    def tails_frame(self) -> pd.DataFrame:
        """Mean present value and profit of each party in the worst, all and best futures, with standard errors."""
        import pandas as pd

        return pd.DataFrame(self.as_dict()["tails"]["parties"]).set_index("party")

    def break_even_frame(self) -> pd.DataFrame:
        """Shares of the planned outcomes: for tranches to be whole, for payers to save money."""
        import pandas as pd

        return pd.DataFrame(self.as_dict()["break_even"]["parties"]).set_index("party")

    def investors_frame(self) -> pd.DataFrame:
        """Each tranche against each kind of investor: whether it suits, and what would have to change."""
        import pandas as pd

        return pd.DataFrame(self.as_dict()["who_could_invest"]["matches"]).set_index(["tranche", "kind"])

    def __str__(self) -> str:
        from sibmodel.report.risk_story import risk_story
        from sibmodel.report.terminal import as_text

        return as_text(risk_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.risk_story import risk_story
        from sibmodel.report.terminal import as_html

        return as_html(risk_story(self))


@dataclass(frozen=True)
class _Block:
    """What is kept of one block of trials."""

    today: Sums
    changes: Mapping[Risk, Sums]
    present: Mapping[str, FloatArray]
    profit: Mapping[str, FloatArray]
    investors: FloatArray
    bills: Bills
    holdings: Mapping[str, Holding]


def risk(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    kinds: Kinds | str | Path | None = None,
    progress: Progress | None = None,
) -> RiskResult:
    """Where the risks of a scenario fall, what shedding them costs, and who could invest.

    `trials` and `seed` default to the scenario's own. `kinds` are the kinds of investor, or a TOML file of them; those
    that come with the program if not given. Raises ReconciliationError if a row of the matrix does not add up.
    """
    count, seed = asked_for(scenario, trials, seed)
    criteria = kinds if isinstance(kinds, Kinds) else kinds_of_investor(kinds)
    base = base_case(scenario)
    levers = directed(scenario, levers_of(base))
    blocks: list[_Block] = []
    for some in trials_of(scenario, count, seed):
        blocks.append(_block(scenario, levers, some))
        if progress is not None:
            progress(sum(block.investors.size for block in blocks), count)
    return RiskResult(
        scenario=scenario,
        record=record(scenario, count, seed),
        matrix=_matrix(base, levers, blocks),
        tails=_tails(blocks),
        price=price_of_risk(_all_bills(blocks)),
        break_even=break_even(base),
        suitability=suitability(scenario, _all_holdings(blocks), criteria),
    )


def _block(scenario: Scenario, levers: list[Lever], trials: Trials) -> _Block:
    books = work_through(scenario, trials)
    today = positions(books)
    return _Block(
        today=Sums.of(with_resources(today)),
        changes=of_block(scenario, levers, trials, today),
        present=today.columns,
        profit=profits(books),
        investors=investors_profit(books),
        bills=bills(books),
        holdings={name: Holding.of(books, name) for name in open_tranches(books)},
    )


def _matrix(base: Books, levers: list[Lever], blocks: list[_Block]) -> Matrix:
    today, changes = blocks[0].today, dict(blocks[0].changes)
    for block in blocks[1:]:
        today = today + block.today
        changes = {risk: found + block.changes[risk] for risk, found in changes.items()}
    columns = tuple(column.key for column in columns_of(base))
    return Matrix(columns, kinds_of(base.scenario), today.estimates(), rows(levers, changes))


def _tails(blocks: list[_Block]) -> Tails:
    present, profit = _joined([block.present for block in blocks]), _joined([block.profit for block in blocks])
    return tails(present, profit, np.concatenate([block.investors for block in blocks]))


def _joined(parts: list[Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _all_bills(blocks: list[_Block]) -> Bills:
    every = [block.bills for block in blocks]
    return Bills(
        np.concatenate([some.payments for some in every]),
        np.concatenate([some.spend for some in every]),
        np.concatenate([some.cashable for some in every]),
    )


def _all_holdings(blocks: list[_Block]) -> dict[str, Holding]:
    out = dict(blocks[0].holdings)
    for block in blocks[1:]:
        out = {name: holding + block.holdings[name] for name, holding in out.items()}
    return out
