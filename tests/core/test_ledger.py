"""What parties move, some periods at a time, against the flows one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodel.core.ledger import Flow, Ledger
from sibmodel.core.timeline import FloatArray

PERIODS, TRIALS = 6, 3
PARTIES = ("council", "vehicle", "provider")


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Flows between three parties: alike in all trials or periods or in none, and nothing in some periods."""
    flows = []
    for number in range(draw(st.integers(1, 6))):
        payer, receiver = draw(st.permutations(PARTIES))[:2]
        shape = draw(st.sampled_from([(PERIODS, TRIALS), (PERIODS, 1), (1, TRIALS), (1, 1)]))
        amount = np.round(np.random.default_rng(number).uniform(0, 100, shape), 2)
        quiet = draw(st.lists(st.integers(0, shape[0] - 1), max_size=4))
        amount[quiet] = 0.0
        flows.append(Flow(payer, receiver, f"flow {number}", amount))
    return Ledger.post(flows, (PERIODS, TRIALS))


def by_hand(ledger: Ledger, party: str) -> FloatArray:
    net = np.zeros((PERIODS, TRIALS))
    for flow in ledger.flows:
        for t in range(PERIODS):
            for i in range(TRIALS):
                net[t, i] += flow.amount[t, i] * ((flow.receiver == party) - (flow.payer == party))
    return net


@given(ledgers(), st.integers(1, PERIODS))
@settings(deadline=None)
def test_nets_of_some_periods_are_those_of_the_flows(ledger: Ledger, together: int) -> None:
    before = [flow.amount.copy() for flow in ledger.flows]
    for first in range(0, PERIODS, together):
        band = slice(first, min(first + together, PERIODS))
        nets = ledger.moved(band).nets
        assert set(nets) == set(ledger.parties)
        for party, net in nets.items():
            assert np.broadcast_to(net, (band.stop - band.start, TRIALS)) == pytest.approx(
                by_hand(ledger, party)[band], abs=1e-9
            )
            np.add(net, 1.0, out=net)  # it is new in memory, whoever asked for it may write to it
    for flow, kept in zip(ledger.flows, before, strict=True):
        assert np.array_equal(flow.amount, kept)
    for party in ledger.parties:
        assert ledger.net(party) == pytest.approx(by_hand(ledger, party), abs=1e-9)


def test_what_is_unsound_is_seen_in_the_periods_in_which_it_is() -> None:
    amount = np.array([[0.0, 0.0], [5.0, 1.0], [2.0, -3.0]])
    ledger = Ledger((Flow("council", "vehicle", "job", amount),))
    quiet, sound, unsound = (ledger.moved(slice(t, t + 1)).bits for t in range(3))
    assert quiet == 0 < sound < unsound
    assert sound == int(np.float64(5.0).view(np.uint64))
