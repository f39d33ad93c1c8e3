"""What has been worked out once is not worked out again, but only of the very same objects."""

from dataclasses import replace
from pathlib import Path

import sibmodel
from sibmodel.core.memo import Memo
from sibmodel.core.trials import Trials


def test_the_same_is_made_once() -> None:
    memo, made = Memo(), []
    of, other = object(), object()

    def make() -> int:
        made.append(1)
        return len(made)

    assert [memo.once("a", make, of), memo.once("a", make, of)] == [1, 1]
    assert memo.once("b", make, of) == 2
    assert memo.once("a", make, other) == 3
    assert memo.once("a", make) == 4


def test_nothing_is_too_empty_to_be_kept() -> None:
    memo, made = Memo(), []
    for _ in range(2):
        memo.once("nothing", lambda: made.append(1))
    assert made == [1]


def test_an_object_that_is_gone_is_not_taken_for_another() -> None:
    """Python gives the identity of an object to a new one once it is gone: the memo keeps it."""
    memo = Memo()
    for size in range(50):
        one = [0] * size
        assert memo.once("size", one.__len__, one) == size


def test_values_of_a_number_belong_to_their_trials() -> None:
    scenario = sibmodel.load(Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml")
    number = scenario.capital.minimum_cash
    trials = Trials(2, 8, {})
    assert number.over(trials) is number.over(trials)
    assert not number.over(trials).flags.writeable
    changed = replace(trials, inputs={number.address: number.over(trials)[0] + [1.0, 2.0]})
    assert changed.memo is not trials.memo
    assert (number.over(changed) - number.over(trials)).tolist() == [[1.0, 2.0]]
    assert number.more_by(3.0).over(trials).tolist() == (number.over(trials) + 3.0).tolist()
