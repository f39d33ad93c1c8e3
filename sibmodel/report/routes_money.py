"""Whether each way of paying has the money that it takes, and what becomes of a loan fund's."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.routes_answer import Routes
from sibmodel.report.numbers import with_error
from sibmodel.report.route_figures import figure, pounds
from sibmodel.report.section import Section, Table
from sibmodel.running.statistics import Summary


def paid_for(found: Routes) -> Section:
    """How much of the costs each way's own money pays, how likely all of them, and what nobody pays."""
    rows = [
        (
            one.title,
            figure(one.own_share),
            *(_chance(share) for share in (one.covered, one.whole)),
            figure(one.unpaid),
            figure(one.transaction),
        )
        for one in found.routes.values()
    ]
    own = ("share its own money pays", "its own money pays all")
    headings = ("way", *own, "somebody pays all", "share that nobody pays", "costs of the way itself")
    note = "A way's own money: donors', the fund's, or the bond's; the rest is paid by somebody else, or by nobody."
    sentences = []
    if not found.scenario.routes.transaction_costs:
        sentences.append(
            "No costs of setting up a way are given (routes.transaction_costs), so they count as nothing; the bond's "
            "legal advice, data and verification count as far as they are among the programme's costs."
        )
    return Section("Is the service paid for?", sentences, [Table(headings, rows, note)])


def _chance(share: Summary) -> str:
    """In how many futures, shortly."""
    if share.mean in (0.0, 1.0):
        return "in all futures" if share.mean else "in none"
    return with_error(share.mean, share.se, share.unit)


def fund(found: Routes) -> Iterator[Section]:
    """A loan fund's account, what it bears, and its money by year; nothing without one."""
    lending = {one.title: one.loan for one in found.routes.values() if one.loan is not None}
    if not lending:
        return
    rows = [
        (
            title,
            *(figure(one) for one in (loan.put_in, loan.lent, loan.recycled, loan.interest, loan.lost, loan.closing)),
        )
        for title, loan in lending.items()
    ]
    headings = (
        "way",
        "put in",
        "lent in all",
        "lent for each £1 put in",
        "interest",
        "never repaid",
        "left in the end",
    )
    borne = [(title, figure(loan.lost_worth), figure(loan.subsidy)) for title, loan in lending.items()]
    costs = ("what the fund bears, present value", "never repaid", "lending below the public rate")
    years = next(iter(lending.values())).balance
    balances = [(year, *(pounds(loan.balance[year]) for loan in lending.values())) for year in years]
    yield Section(
        "The loan fund",
        ["What is repaid is lent again, to this programme as far as it needs it. Pounds of the day, on average."],
        [Table(headings, rows), Table(costs, borne), Table(("money in the fund at the end of", *lending), balances)],
    )
