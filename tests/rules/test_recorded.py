"""Recorded posts: what a line may hold, and that it is judged again as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rules import BankMatch, RecordedCase, recorded_case
from schemas import Action, BankPart, FoundText, Modality, Post, Trace, Verdict
from tests.rules.making import NOW, case, engine, rule
from tests.schemas.examples import NOON, POST, VERDICT

LATER = NOW.replace(hour=23)

MATCH = BankMatch("known", BankPart.IMAGE, 0, 4, Action.REMOVE, entry="case-7", quarantined=True)

RULES = (
    rule("seen_before", "images.bank.known", action="limit"),
    rule("copied", "text.near_duplicates > 3", action="limit"),
    rule("newcomer", "author.posts < 3", action="limit"),
    rule("odd_pair", "mismatch.highest > 0.5", shift={"spam": 1.0}),
    rule("at_night", "now.hour > 21", action="review"),
    rule("failing", "1 / (post.reach - post.reach) > 0", action="review", on_error="limit"),
)


def verdict_on(post: Post, trace: Trace | None) -> Verdict:
    values = {"post_id": post.post_id, "revision": post.revision, "decided_at": LATER}
    return VERDICT.model_copy(update={**values, "not_scanned": (), "trace": trace})


@pytest.mark.parametrize("author", [None, {"posts": 1}, {"posts": 9}])
@pytest.mark.parametrize("mismatch", [{}, {"text_image": 0.9}])
@pytest.mark.parametrize(("matches", "near"), [((), None), ((MATCH,), 4)])
def test_a_verdict_is_enough_to_decide_again(
    tmp_path: Path,
    author: dict[str, int] | None,
    mismatch: dict[str, float],
    matches: tuple[BankMatch, ...],
    near: int | None,
) -> None:
    asked = replace(
        case(scores={"spam": 0.7}, author=author, mismatch=mismatch),
        bank_matches={"known": matches},
        near_duplicates=near,
    )
    deciding = engine(tmp_path, rules=RULES, banks={"known": {"modality": "image"}})
    record = RecordedCase.of(asked.post, verdict_on(asked.post, deciding.decide(asked).trace))
    again, first = (deciding.decide(one) for one in (record.case, asked))
    later = deciding.decide(recorded_case(record.to_bytes()).case)
    assert later == again
    assert again.scores == first.scores
    fired = {hit.rule for hit in again.rule_hits}
    assert fired == {hit.rule for hit in first.rule_hits} | {"at_night"}  # it was judged later


@pytest.mark.parametrize("words", ["FREE MONEY", "nothing of note", None])
def test_of_words_in_media_a_verdict_keeps_how_often_lists_were_found(
    tmp_path: Path, words: str | None
) -> None:
    (tmp_path / "scams.txt").write_text("free money\n", encoding="utf-8")
    deciding = engine(
        tmp_path,
        rules=[
            rule("scam", "images.read && images.matches.scams > 0", action="review"),
            rule("heard", "audio.read", action="remove"),
            rule("read", "images.read", labels=["read"]),
        ],
        lists={"scams": {"phrases": "scams.txt"}},
    )
    found = [] if words is None else [FoundText(modality=Modality.IMAGE, text=words)]
    asked = case(images=1, found_texts=found)
    first = deciding.decide(asked)
    record = RecordedCase.of(asked.post, verdict_on(asked.post, first.trace))
    assert words is None or words.encode() not in record.to_bytes()
    again = deciding.decide(recorded_case(record.to_bytes()).case)
    assert (again.action, again.rule_hits, again.labels) == (
        first.action,
        first.rule_hits,
        first.labels,
    )


def test_a_list_that_was_not_counted_in_media_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("free money\n", encoding="utf-8")
    deciding = engine(
        tmp_path,
        rules=[rule("new", "images.matches.new > 0", action="remove", on_error="limit")],
        lists={"new": {"phrases": "new.txt"}},
    )
    recorded = replace(case(images=1), found_matches={Modality.IMAGE: {"old": 3}})
    assert deciding.decide(recorded).action is Action.LIMIT


def test_a_line_may_hold_all_that_can_be_known() -> None:
    known = RecordedCase(
        post=POST,
        scores={"spam": 0.5},
        now=NOON,
        found_texts=(FoundText(modality=Modality.IMAGE, text="words"),),
        bank_matches={
            "known": (BankMatch("known", BankPart.IMAGE, 0, distance=4, action=Action.REMOVE),)
        },
        near_duplicates=7,
        person=Action.ALLOW,
    )
    assert recorded_case(known.to_bytes()) == known
    assert known.case.bank_matches["known"][0].distance == 4
    assert known.case.human is None


def test_without_a_moment_that_of_the_post_counts() -> None:
    line = json.dumps({"post": json.loads(POST.to_bytes()), "scores": {}})
    assert recorded_case(line).case.now == POST.created_at


def test_an_escalation_tells_what_the_machine_said() -> None:
    escalation = {
        "post": json.loads(POST.to_bytes()),
        "verdict": json.loads(verdict_on(POST, Trace(model_scores={"spam": 0.4})).to_bytes()),
    }
    found = recorded_case(json.dumps(escalation))
    assert (found.scores, found.case.now) == ({"spam": 0.4}, LATER)
    assert found.judged is not None
    assert found.judged.sampled


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("policy: x", "is no JSON that can be read: Expecting value"),
        ("[" * 100_000, "is no JSON that can be read: maximum recursion depth"),
        ("[]", "is no object"),
        ('{"verdict_id": "x"}', "is a verdict without its post"),
        ('{"post": {"post_id": "p"}, "scores": {}}', "is no recorded case: post.author_id: "),
        ('{"scores": {}}', "is no recorded case: post: Field required"),
    ],
)
def test_a_line_that_is_no_record_says_why(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        recorded_case(line)


def test_a_verdict_without_a_trace_cannot_be_judged_again() -> None:
    with pytest.raises(ValueError, match="has no trace"):
        RecordedCase.of(POST, verdict_on(POST, None))
