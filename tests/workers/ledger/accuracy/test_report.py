"""The report: what an auditor reads out of the rows of the sample."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Action, RuleHit
from tests.workers.ledger.accuracy.rows import a_row
from tests.workers.ledger.records import NOON
from workers.ledger.accuracy import AuditRow, Report, Subject, make_report
from workers.ledger.accuracy.printing import as_object, as_text
from workers.ledger.accuracy.report import ALL, ANY, LIVE, MIN_LANGUAGE_ANSWERS, MODEL, OTHER

WINDOW = timedelta(days=28)
SPAM = Subject(LIVE, "spam", ALL)


def report(*rows: AuditRow) -> Report:
    return make_report(rows, WINDOW)


def spam(post: str, *, flagged: bool, found: bool, probability: float = 0.5) -> AuditRow:
    return a_row(
        post,
        action=Action.REMOVE if flagged else Action.ALLOW,
        category="spam" if flagged else None,
        answer=Action.REMOVE if found else Action.ALLOW,
        categories=("spam",) if found else (),
        probability=probability,
        stratum="remove-s5-text-en" if flagged else "allow-s0-text-en",
    )


def test_figures_weigh_each_answer_by_what_it_stands_for() -> None:
    found = report(
        spam("hit", flagged=True, found=True, probability=1.0),
        spam("hit-2", flagged=True, found=True, probability=1.0),
        spam("alarm", flagged=True, found=False, probability=1.0),
        spam("missed", flagged=False, found=True, probability=0.1),
        *(spam(f"fine-{i}", flagged=False, found=False, probability=0.1) for i in range(9)),
    ).figures[SPAM]

    values = {name: estimate.value for name, estimate in found.shares.items()}
    assert values == pytest.approx(
        {
            "precision": 2 / 3,
            "recall": 2 / 12,
            "false_positive_rate": 1 / 91,
            "prevalence": 12 / 103,
        }
    )
    assert found.missed.value == pytest.approx(10.0)


def test_a_figure_without_a_denominator_is_absent_rather_than_0() -> None:
    shares = report(spam("fine", flagged=False, found=False), spam("b", flagged=False, found=False))

    assert set(shares.figures[Subject(LIVE, ANY, ALL)].shares) == {
        "false_positive_rate",
        "prevalence",
    }


def test_unreviewed_verdicts_are_counted_and_enter_through_the_weights_only() -> None:
    rows = [spam(f"p{i}", flagged=True, found=i < 5) for i in range(10)]
    waiting = [
        a_row(f"w{i}", action=Action.REMOVE, answer=None, stratum="remove-s5-text-en")
        for i in range(10)
    ]
    found = report(*rows, *waiting)

    assert (found.drawn, found.answered) == (20, 10)
    assert found.figures[SPAM].shares["precision"].value == pytest.approx(0.5)
    assert found.figures[SPAM].shares["precision"].units == 10


def test_languages_have_figures_of_their_own_from_some_tens_of_answers_on() -> None:
    english = [a_row(f"e{i}", language="en-GB") for i in range(MIN_LANGUAGE_ANSWERS)]
    found = report(*english, a_row("x", language="pt"), a_row("y", language=None))

    by_language = {subject.language: one for subject, one in found.figures.items()}
    assert set(by_language) == {ALL, "en", OTHER}
    assert by_language[OTHER].shares["prevalence"].units == 2


def test_rules_are_measured_beside_the_verdicts_and_the_model() -> None:
    shadow, live = RuleHit(rule="links", mode="shadow"), RuleHit(rule="shouting", mode="live")
    found = report(
        a_row("a", rule_hits=(shadow, live), answer=Action.REMOVE, categories=("spam",)),
        a_row("b", rule_hits=(live,)),
        a_row("c", rule_hits=(RuleHit(rule="broken", mode="live", errored=True),)),
    )

    judges = {subject.judge: one.shares for subject, one in found.figures.items()}
    assert set(judges) == {LIVE, MODEL, "rule:shouting", "shadow:links"}
    assert judges["shadow:links"]["precision"].value == 1.0
    assert judges["rule:shouting"]["precision"].value == pytest.approx(0.5)
    assert judges["shadow:links"]["recall"].value == judges["rule:shouting"]["recall"].value == 1.0


def test_the_last_answer_holds_and_two_reviewers_tell_agreement() -> None:
    agreed = [
        a_row(f"a{i}", categories=c, second_answer=c) for i, c in enumerate([("spam",), ()] * 5)
    ]
    overruled = a_row("b", categories=("spam",), second_answer=())
    found = report(*agreed, overruled)

    assert found.twice_answered == 11
    assert 0.5 < found.agreement["spam"] < 1.0
    assert found.figures[SPAM].shares["prevalence"].value == pytest.approx(5 / 11)


def test_verdicts_older_than_the_window_are_left_out() -> None:
    old, new = a_row("old"), a_row("new", after=WINDOW + timedelta(seconds=1))

    assert report(old, new).drawn == 1


def test_scores_tell_calibration_and_drift() -> None:
    old = [a_row(f"o{i}", scores={"spam": 0.05}) for i in range(250)]
    late = timedelta(days=3)
    new = [
        a_row(f"n{i}", scores={"spam": 0.8}, categories=("spam",), after=late) for i in range(250)
    ]
    found = report(*old, *new)

    assert found.calibration["spam"] == pytest.approx((0.05 + 0.2) / 2)
    assert found.newest_drift["spam"] > 0.25
    assert list(found.drift["spam"]) == sorted(found.drift["spam"])


def test_the_age_of_labels_is_that_of_the_middle_answer() -> None:
    assert report(a_row("a")).median_label_time == NOON + timedelta(minutes=10)


@pytest.mark.parametrize("rows", [[], [AuditRow()], [a_row("a", answer=None)]])
def test_a_sample_without_answers_has_no_figures(rows: list[AuditRow]) -> None:
    empty = report(*rows)

    assert not empty.figures
    assert "0 answered" in as_text(empty)


ROWS = st.lists(
    st.builds(
        a_row,
        st.uuids().map(str),
        action=st.sampled_from(Action),
        answer=st.none() | st.sampled_from(Action),
        category=st.sampled_from([None, "spam", "hate"]),
        categories=st.sampled_from([(), ("spam",), ("hate", "spam")]),
        probability=st.floats(0.001, 1.0),
        stratum=st.sampled_from([None, "allow-s0-text-en", "remove-s5-text-en"]),
        language=st.sampled_from([None, "en", "zh"]),
        scores=st.dictionaries(st.sampled_from(["spam", "hate"]), st.floats(0, 1)),
    ),
    max_size=15,
)


@settings(max_examples=50)
@given(ROWS, st.randoms(use_true_random=False))
def test_any_sample_gives_figures_that_do_not_depend_on_its_order(
    rows: list[AuditRow], random: Random
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    found = report(*rows)

    assert report(*shuffled) == found
    for estimate in _estimates(found):
        assert 0.0 <= estimate[0] <= estimate[1] <= estimate[2]


def _estimates(found: Report) -> Iterable[tuple[float, float, float]]:
    for figures in found.figures.values():
        for one in figures.shares.values():
            assert one.high <= 1.0
            yield one.low, one.value, one.high


def test_the_report_is_printed_for_people_and_for_programs() -> None:
    found = report(spam("hit", flagged=True, found=True), spam("fine", flagged=False, found=False))

    assert "2 verdicts drawn, 2 answered" in as_text(found)
    printed = json.loads(as_object(found))
    (line,) = [one for one in printed["figures"] if one["category"] == "spam"]
    assert line["precision"]["value"] == 1.0
    assert line["precision"]["low"] < 1.0
