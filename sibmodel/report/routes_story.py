"""Ways of paying for a programme, told to somebody who has to choose one."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.core.reconciliation import PENNY
from sibmodel.funding.terms import COMMISSIONERS, PROVIDER, VEHICLE
from sibmodel.questions.route_flows import ROLES
from sibmodel.questions.routes import titles
from sibmodel.questions.routes_answer import Route, Routes, Year
from sibmodel.report.horizon_words import cut_off
from sibmodel.report.numbers import listed, per_cent, with_error
from sibmodel.report.route_figures import at, difference, figure, is_none, is_nothing, pounds, size
from sibmodel.report.routes_money import fund, paid_for
from sibmodel.report.section import Section, Table

ROLE_WORDS = {
    "commissioners": "commissioners",
    "outcomes_funds": "outcomes funds",
    "philanthropy": "philanthropy",
    "loan_fund": "loan fund",
    "public_investors": "public investors",
    "investors": "investors",
    "provider": "provider",
    "sponsor": "sponsor",
    "tax_office": "tax office",
}
BEAR_WORDS = {
    "philanthropy": "donors pay", "investors": "investors, who earn less than the public rate, bear",
    "provider": "the provider bears", "sponsor": "the sponsor pays",
    "other_payers": "payers whose money is not public bear",
}  # fmt: skip
GRANT_TO_PASTE = "grant: {hoped: 2000000, raised: {pert: [0.2, 0.6, 1]}}"
LOAN_TO_PASTE = "loan: {fund: 1000000, rate: 0.04, grace_months: 12, term_months: 60}"

_DUST = 1e-9


def routes_story(found: Routes) -> list[Section]:
    """What each way costs whom, when, who bears the risk, what the bond costs above paying directly."""
    sections = [_opening(found), _public(found), _who_pays(found), _risk(found), _when(found), _premium(found)]
    sections += [paid_for(found), *fund(found), _rests_on(found)]
    return sections


def _opening(found: Routes) -> Section:
    scenario, names = found.scenario, [route.title for route in found.routes.values()]
    sentences = [
        f"One programme, paid for in {len(names)} ways: {'; '.join(names)}. People, costs, outcomes and savings are "
        f"the same in each of {found.record.trials:,} simulated futures (seed {found.record.seed}), whoever pays; so a "
        "difference between two ways is due to the way. After ± stands a figure's standard error.",
        "Present values are real, at the public rate. A minus sign is a gain: more is received than paid.",
        *cut_off(scenario),
    ]
    sentences += [f"{one.title}: {_made_of(one, found)}." for one in found.routes.values() if len(one.parts) > 1]
    missing = [
        (name, paste)
        for name, terms, paste in (
            ("a grant", scenario.routes.grant, GRANT_TO_PASTE),
            ("a loan", scenario.routes.loan, LOAN_TO_PASTE),
        )
        if terms is None
    ]
    for name, paste in missing:
        words = "as the file has no terms for it. To add one, write under 'routes:'"
        sentences.append(f"Not compared: {name}, {words}: {paste}")
    return Section(f"Ways to pay: {scenario.title}", sentences)


def _made_of(route: Route, found: Routes) -> str:
    named = titles(found.scenario)
    return ", ".join(f"{per_cent(share, 0)} {named[name]}" for name, share in route.parts.items())


def _public(found: Routes) -> Section:
    rows = [
        (
            one.title,
            figure(one.public.cost),
            *(at(one.public.cost, p) for p in (5, 95)),
            "–" if one.above_direct is None else difference(one.above_direct),
            figure(one.less_cashable),
            figure(one.if_nothing),
        )
        for one in found.routes.values()
    ]
    headings = ("way", "cost", "5%", "95%", "above direct payment", "less cashable savings", "if nothing changes")
    note = (
        "Cost: what all public parties pay less what they receive. Less cashable savings: the cash that all agencies "
        "could take out of budgets is taken off. If nothing changes: the same if the programme has no effect at all."
    )
    return Section("What it costs the public purse", list(_public_words(found)), [Table(headings, rows, note)])


def _public_words(found: Routes) -> Iterator[str]:
    same = []
    for one in found.routes.values():
        gap = one.above_direct
        if gap is None:
            continue
        if gap.mean is None or is_nothing(gap):
            same.append(f"{one.title}{_left_undone(one)}")
        else:
            more = "more" if gap.mean > 0 else "less"
            amount = size(gap)
            because = _because(one) if gap.mean < 0 else ""
            yield f"{one.title} costs the public {amount} {more} than direct payment{because}{_left_undone(one)}."
    if same:
        yield f"No difference beyond noise from direct payment: {'; '.join(same)}."
    loan = found.scenario.routes.loan
    if loan is not None and loan.borrower in (COMMISSIONERS, VEHICLE, *found.public):
        yield (
            "A public loan moves money between public parties: its interest is paid by one and received by another, "
            "and what one fails to repay the other has lost. What it changes is who of them pays, and when."
        )
    elif loan is not None:
        yield f"The loan is repaid by the {loan.borrower}, whose money does not count as public."


def _because(one: Route) -> str:
    """Who pays what the public does not, what is not done at all, and whether all of them together pay less."""
    mine = {role: gap for role, gap in one.others.items() if (gap.mean or 0.0) > 0 and not is_nothing(gap)}
    every = one.all_above_direct
    parts = [f"{BEAR_WORDS[role]} {figure(gap)}" for role, gap in mine.items()]
    parts += [f"{figure(one.undone)} of the service is not delivered"] if (one.undone.mean or 0.0) >= PENNY else []
    if not parts or every is None or every.mean is None:
        return ""
    more = "more" if every.mean > 0 else "less"
    together = f"{size(every)} {more} than directly"
    if is_nothing(every):
        together = "as much as directly" if is_none(every) else "about as much as directly"
    return f", because {listed(parts)}; public and others together pay {together}"


def _left_undone(one: Route) -> str:
    """What makes a way look cheaper than it is."""
    if (one.unpaid.mean or 0.0) < _DUST:
        return ""
    share = with_error(one.unpaid.mean, one.unpaid.se, "rate")
    return f", but nobody pays {share} of the costs, as service is cut or stops, and as much is not done"


def _who_pays(found: Routes) -> Section:
    roles = [role for role in ROLES if any(role in one.by_role for one in found.routes.values())]
    rows = [
        (one.title, *(figure(one.by_role[role].cost) if role in one.by_role else "–" for role in roles))
        for one in found.routes.values()
    ]
    headings = ("way", *(ROLE_WORDS[role] for role in roles))
    note = "Present value of what each pays less what it receives. A dash: it has no part in it."
    if "public_investors" in roles:
        note += f" Public investors: {_public_investors(found)}, whose money in the bond is public."
    return Section("Who pays", list(_funds_words(found)), [Table(headings, rows, note)])


def _public_investors(found: Routes) -> str:
    """Their names with what the file calls them."""
    tranches, out = found.scenario.capital.tranches, []
    for name in found.public_investors:
        terms = tranches.get(name)
        words = ", ".join(word for word in (terms.investor, terms.title) if word) if terms else ""
        out.append(f"{name} ({words})" if words else name)
    return listed(out)


def _funds_words(found: Routes) -> Iterator[str]:
    """Money of outcomes funds that comes with the bond only."""
    if "outcomes_funds" in found["sib"].by_role and "outcomes_funds" not in found["direct"].by_role:
        paid = figure(found["sib"].by_role["outcomes_funds"].cost)
        yield f"Outcomes funds pay {paid} of the bond and nothing otherwise: without it commissioners pay that too."


def _risk(found: Routes) -> Section:
    rows = []
    for one in found.routes.values():
        for role, bearing in one.by_role.items():
            sd = "the same always" if bearing.sd.mean < PENNY else pounds(bearing.sd)
            rows.append((one.title, ROLE_WORDS[role], figure(bearing.cost), sd, pounds(bearing.worst)))
    headings = ("way", "party", "net cost", "standard deviation", "mean of its worst 5%")
    sentences = [f"{one.title}: {words}" for one in found.routes.values() if (words := _bears(one, found))]
    return Section("Who bears the risk", sentences, [Table(headings, rows, words=2)])


def _bears(route: Route, found: Routes) -> str:
    """Who bears the risk that outcomes do not appear, in words."""
    if len(route.parts) > 1:
        return "each part as in its own way."
    name = next(iter(route.parts))
    terms = found.scenario.routes
    if name == "grant" and terms.grant is not None:
        if terms.grant.shortfall == "service_is_cut":
            return "donors bear the risk that outcomes do not appear; if they give too little, the service is cut."
        return (
            "donors bear the risk that outcomes do not appear in the part that they pay for, commissioners in the rest."
        )
    if name == "loan" and terms.loan is not None:
        return f"{_borrower_bears(terms.loan.borrower)} {_fund_bears(route)}"
    if name == "direct":
        return "commissioners pay whatever happens, and bear all of it."
    public = f", {_public_investors(found)} with public money" if found.public_investors else ""
    return (
        f"investors bear it up to the money they put in{public}; payers pay for results, less where there are fewer "
        "and more where there are more."
    )


def _borrower_bears(borrower: str) -> str:
    if borrower == VEHICLE:
        return "the fund bears the risk, as it is repaid only out of cashable savings, if there are any."
    who = {COMMISSIONERS: "commissioners repay", PROVIDER: "the provider repays"}.get(borrower, f"{borrower} repays")
    return f"{who} whatever the outcomes, so the risk stays there."


def _fund_bears(route: Route) -> str:
    """What lending costs the fund: what is never repaid, and lending at another rate than the public one."""
    if route.loan is None:
        return ""
    lost, subsidy, parts = route.loan.lost_worth, route.loan.subsidy, []
    if not is_none(lost):
        parts.append(f"what is never repaid costs the fund {figure(lost)}")
    if not is_none(subsidy):
        side, does, whom = ("below", "costs", "gains") if (subsidy.mean or 0.0) > 0 else ("above", "earns", "pays")
        parts.append(f"lending {side} the public rate {does} the fund {size(subsidy)}, which its borrower {whom}")
    return f"In present value {' and '.join(parts)}." if parts else "The fund bears nothing."


def _when(found: Routes) -> Section:
    note = "Pounds of each year (April to March), what is paid less what is received, on average."
    tables = [_by_year(found, "commissioners", "commissioners"), _by_year(found, "public", "all public parties", note)]
    return Section("When they pay", [], tables)


def _by_year(found: Routes, role: str, words: str, note: str = "") -> Table:
    ways = [
        {year: one for (party, year), one in route.years.items() if party == role} for route in found.routes.values()
    ]
    busy = [year for year in dict.fromkeys(year for way in ways for year in way) if _any_in(ways, year)]
    rows = [(year, *(pounds(way[year]) if year in way else "–" for way in ways)) for year in busy]
    return Table((words, *(route.title for route in found.routes.values())), rows, note)


def _any_in(ways: list[dict[str, Year]], year: str) -> bool:
    return any(year in way and abs(way[year].mean) > PENNY for way in ways)


def _premium(found: Routes) -> Section:
    premium = found.premium
    rows = [
        (words, *(at(one, None), at(one, 5), at(one, 95)))
        for words, one in (
            ("all payers pay with the bond", premium.payments),
            ("all payers pay directly", premium.direct),
            ("the bond's premium", premium.premium),
            ("with the bond, if nothing changes", premium.if_nothing),
        )
    ]
    return Section(
        "What the bond costs payers above paying directly",
        [_break_even_words(found), *_bridge(found)],
        [Table(("", "mean", "5%", "95%"), rows)],
    )


def _bridge(found: Routes) -> Iterator[str]:
    """Why what payers pay is not what the bond costs the public."""
    beyond, premium = found.premium.beyond_public, found.premium
    if beyond.mean is None or is_none(beyond):
        return
    payers, left_out = found.scenario.contract.payers, found.scenario.routes.not_public
    counted = [name for name in found.public if name not in payers and " " not in name]
    s = "s" if len(counted) == 1 else ""
    because = [f"counts also what {listed(counted)} pay{s} and receive{s}"] if counted else []
    because += [f"leaves out {listed(left_out)}"] if left_out else []
    more = "more" if beyond.mean > 0 else "less"
    yield (
        f"With the bond all payers pay {figure(premium.payments)}, which is "
        f"{size(beyond)} {more} than it costs the public purse "
        f"({figure(found['sib'].public.cost)}), as the public's figure {listed(because)}."
    )


def _break_even_words(found: Routes) -> str:
    premium = found.premium
    mean = premium.premium.mean or 0.0
    if is_none(premium.premium):
        return "The bond costs payers just as much as paying directly."
    if premium.premium.is_noise:
        return (
            f"What the bond costs payers above paying directly, {with_error(mean, premium.premium.se, '£')}, is within "
            "noise: they pay about as much either way."
        )
    if mean <= 0:
        cut = (found["sib"].unpaid.mean or 0.0) > _DUST
        because = ", partly because its service stops where money runs out" if cut else ""
        return (
            f"The bond costs payers {with_error(-mean, premium.premium.se, '£')} less than paying directly, even if it "
            f"works as expected{because}: no failure is needed for it to be worth its price to them."
        )
    if premium.break_even is None:
        return (
            "No chance of failure would make the bond worth its premium: it costs payers more even if nothing changes."
        )
    chance = with_error(premium.break_even.mean, premium.break_even.se, "probability")
    return (
        f"Payers are indifferent if, beside all that is uncertain already, the programme has a chance of {chance} to "
        "change nothing at all: below it direct payment costs them less on average, above it the bond does."
    )


def _rests_on(found: Routes) -> Section:
    terms = found.scenario.routes
    shares = ", ".join(f"{name} {per_cent(share)}" for name, share in found.shares.items())
    whence = "as in the file" if terms.commissioners else "as they share the bond's payments in the base case"
    left_out = f"The other ways do without {', '.join(terms.without)}." if terms.without else (
        "The other ways have every cost of the bond, also those of running it and of verification; routes.without "
        "leaves some out."
    )  # fmt: skip
    public = ", ".join(name for name in found.public if " " not in name)
    lends = any(one.loan is not None for one in found.routes.values())
    sentences = [
        f"Commissioners share what they pay without a bond {whence}: {shares}.",
        left_out,
        f"Public money is that of {public}{' and of the loan fund' if lends else ''}"
        + (f"; not that of {', '.join(terms.not_public)}." if terms.not_public else "."),
    ]
    if lends:
        sentences.append(
            "Money that waits in a loan fund costs nothing here and earns nothing; what is lent costs when it is lent."
        )
    if terms.mixes:
        sentences.append(
            "A mix pays its shares of all costs: of the bond that share of every flow; grant and loan have all their "
            "money for their part, and each way's costs of its own are paid in full."
        )
    sentences.append(f"Seed {found.record.seed}, {found.record.trials:,} trials.")
    return Section("What this rests on", sentences)
