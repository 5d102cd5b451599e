"""A zombie has woken up when it is back in the group, and fenced where it must be."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.faults.steps import EXACTLY_ONCE_STEPS, Moment, Request, Step
from bench.faults.waiting import StalledError
from bench.faults.zombies import ASSIGNED, FENCED, IN_TRANSACTION, Zombie


class Sleeper:
    """A worker whose log says this before and after it is woken."""

    def __init__(self, *, before: str, after: str) -> None:
        self._before = Counter(before.split(","))
        self._after = Counter(after.split(","))
        self.awake = False

    def said(self, words: str) -> int:
        return self._before[words] + (self._after[words] if self.awake else 0)

    def thaw(self) -> None:
        self.awake = True


def zombie(after: str, *, must_be_fenced: bool) -> Zombie:
    sleeper = Sleeper(before=f"{ASSIGNED},{FENCED}", after=after)
    return Zombie.of(sleeper, must_be_fenced=must_be_fenced)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.faults.zombies.WAKE_SECONDS", 0.0)


def test_it_is_fenced_and_back_and_says_how_often_it_was_refused() -> None:
    woken = zombie(f"{FENCED},{FENCED},{ASSIGNED}", must_be_fenced=True).wake()
    assert "2 of its transactions were refused" in woken


def test_one_that_had_nothing_to_commit_need_not_be_fenced() -> None:
    assert "0 of its" in zombie(ASSIGNED, must_be_fenced=False).wake()


@pytest.mark.parametrize("after", [ASSIGNED, FENCED, ""])
def test_what_was_before_it_slept_does_not_count(after: str) -> None:
    with pytest.raises(StalledError, match="is fenced and back in the group"):
        zombie(after, must_be_fenced=True).wake()


def test_a_step_is_within_a_transaction_until_the_broker_was_asked_to_commit_it() -> None:
    outside = set(EXACTLY_ONCE_STEPS) - IN_TRANSACTION
    assert outside == {
        *(Step(Request.BEGIN_EPOCH, moment) for moment in Moment),
        Step(Request.END, Moment.SENT),
        Step(Request.END, Moment.ANSWERED),
    }
