"""What changes between two policies, and how far each agrees with people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules import (
    Agreement,
    Comparison,
    PolicyEngine,
    RecordedCase,
    asking_for,
    wilson_interval,
)
from schemas import Action
from tests.rules.making import case, policy, rule


def compared(folder: Path, before: Any, after: Any, *, shown: dict[str, Any]) -> Comparison:
    """One post under two lists of rules."""
    engines = []
    for name, rules in (("before", before), ("after", after)):
        (folder / name).mkdir()
        engines.append(PolicyEngine(policy(folder / name, rules=rules)))
    asked = case(**shown)
    record = RecordedCase(post=asked.post, scores=dict(asked.scores), now=asked.now)
    found = Comparison(engines[0].version, engines[1].version)
    found.count(1, record, *(one.decide(record.case) for one in engines))
    return found


def test_a_rule_that_moves_something_else_is_in_the_change(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        [
            rule("same", action="limit"),
            rule("moved", action="limit"),
            rule("gone", labels=["seen"]),
        ],
        [rule("same", action="limit"), rule("moved", action="review")],
        shown={},
    )
    assert found.changes == {(Action.LIMIT, Action.REVIEW): 1}
    assert found.differing == {"moved": 1, "gone": 1}
    assert found.fired["gone", "before"] == 1
    assert found.fired["gone", "after"] == 0


def test_a_rule_that_fails_on_one_side_is_in_the_change(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        [rule("shaky", "false", action="limit")],
        [rule("shaky", "1 / post.reach > 0", action="limit")],
        shown={"reach": 0},
    )
    assert found.differing == {"shaky": 1}
    assert found.failed == {("shaky", "after"): 1}


def test_other_labels_and_queues_count_where_the_action_stays(tmp_path: Path) -> None:
    escalate = {"queue": "urgent"}
    found = compared(
        tmp_path,
        [rule("one", action="review", labels=["old"])],
        [rule("one", action="review", labels=["new"], escalate=escalate)],
        shown={},
    )
    assert found.changed == 0
    assert found.marks == {"labels": 1, "queue": 1}
    assert found.queues == {("default", "before"): 1, ("urgent", "after"): 1}


def test_what_a_record_lacks_is_asked_for_by_rules_that_run(tmp_path: Path) -> None:
    (tmp_path / "scams.txt").write_text("free money\n", encoding="utf-8")
    made = policy(
        tmp_path,
        rules=[
            rule("a", "author.posts > 1", action="limit"),
            rule("b", "author.known", mode="off", action="limit"),
            rule("c", "images.read && mismatch.highest > 0.5", action="limit"),
            rule("d", "text.near_duplicates > 3", action="limit"),
            rule("e", "images.matches.scams > 0", action="limit"),
            rule("f", "audio.text.contains('gold')", action="limit"),
        ],
        lists={"scams": {"phrases": "scams.txt"}},
        banks={"known": {"modality": "image"}},
    )
    assert asking_for("author signals", made) == ("a",)
    assert asking_for("mismatch", made) == ("c",)
    assert asking_for("finds in pictures and sounds", made) == ("c", "e")
    assert asking_for("words in pictures and sounds", made) == ("e", "f")
    assert asking_for("near-duplicates", made) == ("d",)
    assert asking_for("bank matches", made) == ("known",)


def test_every_fact_that_is_not_in_the_post_itself_can_be_missing(tmp_path: Path) -> None:
    """So that a group of facts that is added later is not taken for known."""
    banks = {"known": {"modality": "image"}}
    in_the_post = ("post.", "text.", "scores.", "highest_score", "now", "not_scanned.")
    known = (*in_the_post, "images.count", "audio.count")
    facts = policy(tmp_path, banks=banks).facts
    beside = sorted(name for name in facts if not name.startswith(known))
    asking = policy(
        tmp_path,
        banks=banks,
        rules=[
            rule(f"of_{number}", f"dyn({name}) != dyn(null)", action="limit")
            for number, name in enumerate(beside)
        ],
    )
    media = ("finds in pictures and sounds", "words in pictures and sounds")
    groups = ("author signals", "mismatch", *media, "bank matches")
    found = {one for group in groups for one in asking_for(group, asking)}
    assert found == {*(f"of_{number}" for number in range(len(beside))), "known"}


@pytest.mark.parametrize(
    ("policy_says", "person_says", "expected"),
    [
        (Action.REMOVE, Action.REMOVE, {"removed": 1, "rightly_removed": 1, "missed": 0}),
        (Action.REMOVE, Action.ALLOW, {"removed": 1, "rightly_removed": 0, "missed": 0}),
        (Action.LIMIT, Action.REMOVE, {"removed": 0, "removed_by_people": 1, "missed": 1}),
        (Action.REVIEW, Action.REMOVE, {"removed_by_people": 1, "missed": 0, "to_people": 1}),
        (Action.ALLOW, Action.ALLOW, {"removed": 0, "removed_by_people": 0, "missed": 0}),
    ],
)
def test_a_policy_is_held_against_people(
    policy_says: Action, person_says: Action, expected: dict[str, int]
) -> None:
    found = Agreement()
    found.count(policy_says, person_says)
    twice = Agreement()
    twice.merge(found)
    twice.merge(found)
    for name, count in expected.items():
        assert getattr(found, name) == count
        assert getattr(twice, name) == 2 * count


def test_wilson_intervals_of_known_shares() -> None:
    assert wilson_interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson_interval(20, 20)[1] == 1.0
