"""What a backtest tells people: golden files, and figures that are easily got wrong.

Run with GOLDEN=write to write the files anew, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rules import Judged, RecordedCase
from schemas import Action
from tests.workers.policy.backtest.making import lines, policies, recorded
from workers.policy.backtest.chunks import chunks_of
from workers.policy.backtest.figures import Backtest, figures_of
from workers.policy.backtest.layout import Section, as_markdown, as_text
from workers.policy.backtest.replay import replay
from workers.policy.backtest.sections import sections_of

GOLDEN = Path(__file__).parent / "golden"


def a_day(old_version: str) -> list[RecordedCase]:
    """Records over a day, with what the machine said then, and some with what people said."""

    def judged(action: Action, *, sampled: bool = False) -> Judged:
        return Judged(action=action, policy=old_version, sampled=sampled)

    return [
        recorded(0, spam=0.2, judged=judged(Action.ALLOW)),
        recorded(60, spam=0.35, judged=judged(Action.ALLOW)),
        recorded(120, spam=0.45, surface="comment", judged=judged(Action.LIMIT)),
        recorded(240, spam=0.75, person=Action.REMOVE, judged=judged(Action.REVIEW)),
        recorded(300, spam=0.8, person=Action.ALLOW, judged=judged(Action.REVIEW)),
        recorded(360, spam=0.95, person=Action.REMOVE, judged=judged(Action.REMOVE)),
        recorded(420, reach=2_000, judged=judged(Action.REVIEW)),
        recorded(480, reach=150, person=Action.REMOVE, judged=judged(Action.ALLOW, sampled=True)),
        recorded(600, text="see https://example.com/a", judged=judged(Action.LIMIT)),
        recorded(1440, hate=0.85, reach=9_000, surface="comment"),
    ]


@pytest.fixture
def done(tmp_path: Path) -> Backtest:
    old, new = policies(tmp_path)
    found = lines(a_day(old.version))
    found.append(found[0].__class__("posts.jsonl:11", b"{}"))
    replayed = replay(old, new, chunks_of(found, 4), skip_bad=True)
    return Backtest(old, new, replayed, {"posts without a verdict in that time": 2})


@pytest.mark.parametrize(("name", "lay_out"), [("report.txt", as_text), ("report.md", as_markdown)])
def test_the_report_reads_as_agreed(done: Backtest, name: str, lay_out: object) -> None:
    assert callable(lay_out)
    text = lay_out(sections_of(done)).rstrip("\n") + "\n"
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_review_load_is_told_a_day(done: Backtest) -> None:
    reviews = figures_of(done)["reviews"]
    assert figures_of(done)["days"] == 1.0
    assert reviews["before"]["posts"] == 4
    assert reviews["before"]["per_day"] == 4.0
    assert reviews["after"]["queues"] == {
        "careful": {"posts": 1, "per_day": 1.0},
        "default": {"posts": 2, "per_day": 2.0},
    }


def test_removals_and_what_is_missed_are_held_against_people(done: Backtest) -> None:
    people = figures_of(done)["people"]["reviewed"]
    assert people["before"]["precision_of_removals"] == pytest.approx(
        {"share": 1.0, "low": 0.2065, "high": 1.0, "hits": 1, "of": 1}, abs=1e-4
    )
    after = people["after"]["precision_of_removals"]
    assert (after["hits"], after["of"]) == (2, 3)
    assert (after["low"], after["high"]) == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert (people["after"]["missed"], people["after"]["removed_by_people"]) == (1, 3)


def test_the_audit_sample_is_told_apart(done: Backtest) -> None:
    sampled = figures_of(done)["people"]["sampled"]
    assert (sampled["before"]["posts"], sampled["before"]["missed"]) == (1, 1)


def test_what_records_lack_is_told_with_the_rules_that_ask_for_it(done: Backtest) -> None:
    assert figures_of(done)["unknown"] == {
        "author signals": {"posts": 10, "asked_for_by": ["newcomer"]}
    }


def test_records_of_one_moment_have_no_rate(tmp_path: Path) -> None:
    old, new = policies(tmp_path)
    replayed = replay(old, new, chunks_of(lines([recorded(1, spam=0.6)]), 4))
    done = Backtest(old, new, replayed)
    assert figures_of(done)["reviews"]["before"]["per_day"] is None
    assert "a day: not known" in as_text(sections_of(done))


def test_markdown_takes_no_word_for_a_sign() -> None:
    shown = as_markdown([Section("T", ["a_b <i>"], [["x|y"], ["1*2"]])])
    assert shown == "## T\n\n- a\\_b \\<i\\>\n\n| x\\|y |\n| --- |\n| 1\\*2 |\n"
