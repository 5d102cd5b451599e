"""What a decision says beyond its action, and how rules fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rules import Case, PolicyEngine
from schemas import (
    Action,
    Campaign,
    FoundText,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    Place,
    ReasonKind,
    VerdictStatus,
)
from tests.rules.making import CATEGORIES, NOW, case, engine, policy, rule

BROKEN = "1 / (author.posts - 5) > 0"
"""Cannot be evaluated for an author of five posts."""


def gap(modality: str, reason: str) -> NotScanned:
    return NotScanned(modality=Modality(modality), reason=NotScannedReason(reason))


def a_campaign(*, until: datetime) -> Campaign:
    return Campaign(authors=20, posts=25, until=until)


@pytest.mark.parametrize(
    ("score", "action"),
    [(0.59, "allow"), (0.60, "limit"), (0.75, "review"), (0.95, "remove"), (1.0, "remove")],
)
def test_a_threshold_applies_from_its_value_on(tmp_path: Path, score: float, action: str) -> None:
    assert engine(tmp_path).decide(case(scores={"spam": score})).action == action


def test_a_threshold_of_never_does_not_apply(tmp_path: Path) -> None:
    judge = engine(tmp_path, categories={"spam": {"review": 0.5, "remove": "never"}})
    assert judge.decide(case(scores={"spam": 1.0})).action is Action.REVIEW


def test_the_model_action_ignores_the_rules(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("up", floor={"spam": 0.99}, action="remove")])
    decision = judge.decide(case(scores={"hate": 0.61}))
    assert (decision.action, decision.model_action) == (Action.REMOVE, Action.LIMIT)


def test_a_reason_of_the_model_carries_score_threshold_and_shares(tmp_path: Path) -> None:
    (reason,) = engine(tmp_path).decide(case(scores={"hate": 0.8})).reasons
    assert (reason.kind, reason.category, reason.action) == (ReasonKind.MODEL, "hate", "review")
    assert (reason.score, reason.threshold) == (0.8, 0.75)
    assert reason.shares == {Modality.TEXT: 0.75, Modality.IMAGE: 0.25}
    assert reason.place == Place(modality=Modality.TEXT, start=0, end=5)


def test_a_reason_of_a_rule_says_what_it_moved_and_quotes_what_it_matched(tmp_path: Path) -> None:
    (tmp_path / "scams.txt").write_text("free money\n", encoding="utf-8")
    judge = engine(
        tmp_path,
        lists={"scams": {"phrases": "scams.txt"}},
        rules=[rule("scam", "text.matches.scams > 0", shift={"spam": 1.5}, labels=["scam"])],
    )
    decision = judge.decide(case(text="Get FR33 mon\u200bey now"))
    (reason,) = decision.reasons
    assert reason.rule == "scam"
    assert reason.detail == "spam +1.5 log-odds; label scam; scams: “FR33 mon\u200bey”"
    assert decision.labels == ("scam",)


def test_the_detail_of_a_reason_stays_within_its_bound(tmp_path: Path) -> None:
    labels = [f"label_{n}_{'x' * 50}" for n in range(40)]
    (reason,) = engine(tmp_path, rules=[rule("many", labels=labels)]).decide(case()).reasons
    assert len(reason.detail or "") == 1_000


def test_the_strongest_reason_comes_first(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("mild", action="limit")])
    decision = judge.decide(case(scores={"spam": 0.8, "hate": 0.96}))
    assert [reason.action for reason in decision.reasons] == ["remove", "review", "limit"]


def test_a_rule_that_is_off_does_nothing_and_is_not_counted(tmp_path: Path) -> None:
    decision = engine(tmp_path, rules=[rule("off", action="remove", mode="off")]).decide(case())
    assert (decision.action, decision.rule_hits) == (Action.ALLOW, ())


@pytest.mark.parametrize("on_error", ["allow", "limit", "review", "remove"])
def test_a_broken_rule_follows_its_fail_setting_and_is_counted(
    tmp_path: Path, on_error: str
) -> None:
    judge = engine(tmp_path, rules=[rule("broken", BROKEN, labels=["x"], on_error=on_error)])
    decision = judge.decide(case(author={"posts": 5}))
    assert decision.action == on_error
    assert [(hit.rule, hit.errored) for hit in decision.rule_hits] == [("broken", True)]
    assert decision.labels == ()
    (reason,) = decision.reasons
    assert reason.kind is ReasonKind.FAIL_SETTING
    assert reason.detail == "the rule could not be evaluated: divide by zero"


def test_a_broken_rule_goes_to_a_person_unless_it_says_otherwise(tmp_path: Path) -> None:
    decision = engine(tmp_path, rules=[rule("broken", BROKEN, labels=["x"])]).decide(
        case(author={"posts": 5})
    )
    assert decision.action is Action.REVIEW
    assert decision.priority > 0


def test_a_broken_rule_does_not_take_others_with_it(tmp_path: Path) -> None:
    rules = [rule(f"r{n}", "post.reach >= 0", labels=[f"l{n}"]) for n in range(150)]
    rules.insert(70, rule("broken", BROKEN, action="limit", on_error="limit"))
    decision = engine(tmp_path, rules=rules).decide(case(author={"posts": 5}))
    assert len(decision.labels) == 150
    assert [hit.rule for hit in decision.rule_hits if hit.errored] == ["broken"]


def test_a_broken_shadow_rule_is_counted_without_effect(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("broken", BROKEN, action="remove", mode="shadow")])
    decision = judge.decide(case(author={"posts": 5}))
    assert decision.action is Action.ALLOW
    assert [(hit.mode, hit.errored) for hit in decision.rule_hits] == [("shadow", True)]


def test_a_rule_on_a_score_that_is_missing_follows_its_fail_setting(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("asks", "scores.spam > 0.5", action="limit")])
    decision = judge.decide(replace(case(), scores={"hate": 0.1}))
    assert decision.action is Action.REVIEW
    assert "scores.spam is not known for this post" in (decision.reasons[0].detail or "")


@pytest.mark.parametrize(
    ("modality", "reason", "action"),
    [
        ("text", "truncated", "limit"),  # reason and modality
        ("audio", "truncated", "remove"),  # reason
        ("image", "missing", "limit"),  # modality
        ("audio", "undecodable", "review"),  # default
    ],
)
def test_the_most_specific_fail_setting_wins(
    tmp_path: Path, modality: str, reason: str, action: str
) -> None:
    overrides = [
        {"modality": "image", "action": "limit"},
        {"reason": "truncated", "action": "remove"},
        {"reason": "truncated", "modality": "text", "action": "limit"},
    ]
    judge = engine(tmp_path, not_scanned={"overrides": overrides})
    decision = judge.decide(case(not_scanned=[gap(modality, reason)]))
    assert decision.action == action
    assert decision.status is VerdictStatus.DEGRADED
    assert decision.reasons[0].kind is ReasonKind.FAIL_SETTING


def test_a_fully_scanned_post_is_complete(tmp_path: Path) -> None:
    assert engine(tmp_path).decide(case()).status is VerdictStatus.COMPLETE


def test_a_post_for_review_goes_to_the_queue_of_its_category(tmp_path: Path) -> None:
    decision = engine(tmp_path).decide(case(scores={"self_harm": 0.7}))
    assert (decision.escalate, decision.queue) == (True, "wellbeing")
    assert decision.due_in == timedelta(hours=1)


def test_the_most_urgent_queue_wins(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("u", escalate={"queue": "urgent"}, action="review")])
    assert judge.decide(case()).queue == "urgent"
    assert judge.decide(case(scores={"self_harm": 0.7})).queue == "wellbeing"


def test_a_rule_can_escalate_a_post_that_stays(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[rule("look", escalate={"queue": "urgent"})])
    decision = judge.decide(case())
    assert (decision.action, decision.escalate) == (Action.ALLOW, True)


def test_an_allowed_post_is_not_escalated(tmp_path: Path) -> None:
    decision = engine(tmp_path).decide(case())
    assert (decision.action, decision.escalate) == (Action.ALLOW, False)


def test_priority_grows_with_severity_reach_and_boost(tmp_path: Path) -> None:
    plain = engine(tmp_path)
    hate = plain.decide(case(scores={"hate": 0.8}, reach=999)).priority
    assert hate == pytest.approx(0.8 * 4)
    assert plain.decide(case(scores={"spam": 0.8}, reach=999)).priority == pytest.approx(hate / 2)
    assert plain.decide(case(scores={"hate": 0.8}, reach=0)).priority == pytest.approx(0.8)
    boosted = engine(tmp_path, rules=[rule("boost", escalate={"priority": 3.0})])
    assert boosted.decide(case(scores={"hate": 0.8}, reach=999)).priority == pytest.approx(3 * hate)


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("post.surface == 'message'", case(surface="message")),
        ("post.language == 'zh' && post.region == 'TW'", case(language="zh", region="TW")),
        ("post.language == '' && !author.known", case()),
        ("post.revision == 2 && post.reach > 10", case(revision=2, reach=11)),
        ("post.age < duration('1h') && now >= post.created_at", case()),
        ("author.known && author.strikes == 3", case(author={"strikes": 3})),
        ("author.removals + author.overturned == 5", case(author={"removals": 2, "overturned": 3})),
        ("author.posts_last_hour > 30", case(author={"posts_last_hour": 31})),
        (
            "author.campaign_authors == 20 && author.campaign_posts == 25",
            case(author={"campaign": a_campaign(until=NOW + timedelta(seconds=1))}),
        ),
        (
            "author.campaign_authors == 0 && author.campaign_posts == 0",
            case(author={"campaign": a_campaign(until=NOW)}),
        ),
        ("highest_score > 0.5 && scores.spam > 0.5", case(scores={"spam": 0.6})),
        (
            "text.length == 4 && images.count == 2 && audio.count == 0",
            case(text="好的吗吗", images=2),
        ),
        ("text.links == 2 && text.domains == ['a.com']", case(text="a.com/1 a.com/2")),
        ("text.length == 0", case(text=None, images=1)),
        (
            "not_scanned.missing == 1 && not_scanned.count == 1",
            case(not_scanned=[gap("image", "missing")]),
        ),
        ("post.id == 'p-1' // the id", case()),
        ("mismatch.text_image > 0.8", case(images=1, mismatch={"text_image": 0.9})),
        (
            "images.text == 'free\\nmoney' && audio.text == ''",
            case(
                images=3,
                found_texts=[
                    FoundText(modality=Modality.IMAGE, index=0, text="free"),
                    FoundText(modality=Modality.IMAGE, index=1, text=""),
                    FoundText(modality=Modality.IMAGE, index=2, text="money"),
                ],
            ),
        ),
        ("images.text == ''", case()),
    ],
)
def test_a_condition_sees_the_facts(tmp_path: Path, when: str, asked: Case) -> None:
    decision = engine(tmp_path, rules=[rule("sees", when, labels=["seen"])]).decide(asked)
    assert decision.labels == ("seen",)


@pytest.mark.parametrize(
    "when", ["mismatch.text_image > 0.8", "images.text.contains('free')", "audio.text != ''"]
)
def test_what_nobody_looked_at_is_unknown_and_follows_the_fail_setting(
    tmp_path: Path, when: str
) -> None:
    unread = case(images=1, audio=(Media(key="sound"),))

    decision = engine(tmp_path, rules=[rule("asks", when, labels=["seen"])]).decide(unread)

    assert decision.labels == ()
    assert decision.action is Action.REVIEW
    assert [hit.errored for hit in decision.rule_hits] == [True]


@pytest.mark.parametrize("score", [float("nan"), -0.1, 1.1])
def test_a_score_that_is_no_probability_is_refused(tmp_path: Path, score: float) -> None:
    with pytest.raises(ValueError, match="score of spam for post p-1"):
        engine(tmp_path).decide(case(scores={"spam": score}))


def test_threads_can_share_an_engine(tmp_path: Path) -> None:
    rules = [rule("reach", "post.reach > 50", shift={"spam": 1.0}, labels=["far"])]
    judge = engine(tmp_path, rules=rules)
    cases = [case(scores={"spam": n / 100}, reach=n) for n in range(100)] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(judge.decide, cases))
    assert together == [judge.decide(one) for one in cases]


def test_equal_content_has_an_equal_version(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = (PolicyEngine(policy(folder)) for folder in folders)
    assert first.version == second.version
    name, _, digest = first.version.partition("@sha256:")
    assert name == "made"
    assert len(digest) == 12


def test_the_version_covers_the_policy_and_its_lists(tmp_path: Path) -> None:
    lists = {"scams": {"phrases": "scams.txt"}}
    (tmp_path / "scams.txt").write_text("free money\n", encoding="utf-8")
    before = policy(tmp_path, lists=lists).version
    (tmp_path / "scams.txt").write_text("free money\nfree gold\n", encoding="utf-8")
    other_list = policy(tmp_path, lists=lists).version
    other_policy = policy(tmp_path, lists=lists, categories={**CATEGORIES, "drugs": {}}).version
    assert len({before, other_list, other_policy}) == 3
