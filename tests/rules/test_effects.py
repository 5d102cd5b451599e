"""Thresholds by context, marks on the post, banks, people, and the trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rules import BankMatch, HumanDecision
from schemas import Action, BankPart, ReasonKind
from tests.rules.making import NOW, case, engine, rule

CONTEXTS: dict[str, Any] = {
    "audiences": {"minors": {"surfaces": ["school", "club"]}},
    "contexts": {
        "young": {"audiences": ["minors"], "categories": {"spam": {"limit": 0.3, "review": 0.4}}},
        "club_in_germany": {
            "surfaces": ["club"],
            "regions": ["DE"],
            "categories": {"spam": {"limit": "never", "review": 0.2}},
        },
        "listings": {"surfaces": ["listing"], "categories": {"spam": {"remove": "never"}}},
    },
}


@pytest.mark.parametrize(
    ("surface", "region", "score", "action"),
    [
        ("feed", "DE", 0.5, "allow"),
        ("school", None, 0.35, "limit"),
        ("school", "DE", 0.45, "review"),
        ("school", "DE", 0.97, "remove"),  # what a context leaves out stays
        ("club", "DE", 0.25, "review"),  # the strictest of both holds
        ("club", "FR", 0.25, "allow"),
        ("listing", None, 0.99, "review"),
    ],
)
def test_thresholds_follow_surface_region_and_audience(
    tmp_path: Path, surface: str, region: str | None, score: float, action: str
) -> None:
    judge = engine(tmp_path, **CONTEXTS)
    decision = judge.decide(case(scores={"spam": score}, surface=surface, region=region))
    assert decision.action == action
    assert decision.model_action == action


def test_the_trace_names_the_contexts_that_hold(tmp_path: Path) -> None:
    judge = engine(tmp_path, **CONTEXTS)
    decision = judge.decide(case(surface="club", region="DE"))
    assert decision.trace.contexts == ("club_in_germany", "young")


def test_an_audience_and_surfaces_together_narrow(tmp_path: Path) -> None:
    both = {"audiences": ["minors"], "surfaces": ["club"], "categories": {"spam": {"review": 0.2}}}
    judge = engine(tmp_path, audiences=CONTEXTS["audiences"], contexts={"both": both})
    asked = [case(scores={"spam": 0.3}, surface=s) for s in ("club", "school")]
    assert [judge.decide(one).action for one in asked] == [Action.REVIEW, Action.ALLOW]


def test_of_two_expiries_of_a_label_the_longer_holds_and_none_is_the_longest(
    tmp_path: Path,
) -> None:
    def label(name: str, expires: str | None) -> dict[str, Any]:
        return {"label": name} if expires is None else {"label": name, "expires": expires}

    rules = [
        rule("one", labels=[label("a", "1h"), label("b", "1h"), "c"]),
        rule("two", labels=[label("a", "2d"), label("b", None)]),
    ]
    decision = engine(tmp_path, rules=rules).decide(case())
    assert decision.labels == ("a", "b", "c")
    assert decision.label_expiry == {"a": timedelta(days=2)}


def test_the_highest_age_and_every_region_hold(tmp_path: Path) -> None:
    rules = [
        rule("one", age_gate=16, geo_limit=["FR", "DE"]),
        rule("two", age_gate=18, geo_limit=["DE", "AT"]),
    ]
    decision = engine(tmp_path, rules=rules).decide(case())
    assert (decision.age_gate, decision.geo_limit) == (18, ("AT", "DE", "FR"))
    assert decision.action is Action.ALLOW


def test_a_bank_acts_by_its_own_setting(tmp_path: Path) -> None:
    match = BankMatch("scams", BankPart.IMAGE, 1, 12, Action.REMOVE)
    decision = engine(tmp_path).decide(replace(case(), bank_matches={"scams": [match]}))
    assert decision.action is Action.REMOVE
    (reason,) = decision.reasons
    assert (reason.kind, reason.bank, reason.distance) == (ReasonKind.BANK, "scams", 12)
    assert reason.detail == "image 2 is known to the bank"


def test_the_policy_says_otherwise_about_a_bank(tmp_path: Path) -> None:
    match = BankMatch("scams", BankPart.IMAGE, 0, 0, Action.REMOVE)
    judge = engine(tmp_path, banks={"scams": {"modality": "image", "action": "limit"}})
    decision = judge.decide(replace(case(), bank_matches={"scams": [match]}))
    assert decision.action is Action.LIMIT


@pytest.mark.parametrize("held_back", ["quarantined", "doubted"])
def test_no_policy_makes_a_bank_that_is_held_back_ask_for_more_than_review(
    tmp_path: Path, held_back: str
) -> None:
    match = BankMatch("scams", BankPart.IMAGE, 0, 0, Action.REVIEW, "a", **{held_back: True})
    judge = engine(tmp_path, banks={"scams": {"modality": "image", "action": "remove"}})
    decision = judge.decide(replace(case(), bank_matches={"scams": [match]}))
    assert decision.action is Action.REVIEW
    assert decision.trace.bank_matches["scams"][0] == match.find()


def human(action: str, revision: int = 1, content_hash: str | None = None) -> HumanDecision:
    return HumanDecision(Action(action), revision, NOW, content_hash)


@pytest.mark.parametrize("action", ["allow", "limit", "remove"])
def test_a_person_outranks_every_machine(tmp_path: Path, action: str) -> None:
    match = BankMatch("scams", BankPart.IMAGE, 0, 0, Action.REMOVE)
    rules = [rule("asks", require_review=True, escalate={"queue": "urgent"})]
    judge = engine(tmp_path, rules=rules, brakes={"removals": "off"})
    asked = replace(
        case(scores={"spam": 0.99}), bank_matches={"scams": [match]}, human=human(action)
    )
    decision = judge.decide(asked)
    assert decision.action == action
    assert decision.escalate is False
    assert decision.reasons[0].kind is ReasonKind.HUMAN
    assert decision.model_action is Action.REMOVE


@pytest.mark.parametrize(
    ("seen", "seen_hash", "revision", "content_hash", "stands"),
    [
        (1, None, 1, None, True),
        (1, None, 2, None, False),
        (1, "x", 2, "x", True),
        (1, "x", 1, "y", False),
        (1, "x", 2, None, False),
    ],
)
def test_a_persons_decision_stands_until_the_content_changes(
    tmp_path: Path,
    seen: int,
    seen_hash: str | None,
    revision: int,
    content_hash: str | None,
    *,
    stands: bool,
) -> None:
    asked = replace(
        case(scores={"spam": 0.99}, revision=revision),
        human=human("allow", seen, seen_hash),
        content_hash=content_hash,
    )
    decision = engine(tmp_path).decide(asked)
    assert decision.action is (Action.ALLOW if stands else Action.REMOVE)


def test_what_a_person_decided_uses_up_no_quota(tmp_path: Path) -> None:
    judge = engine(tmp_path, brakes={"removal_quota": {"posts": 1, "per": "1h"}})
    asked = case(scores={"spam": 0.99})
    for _ in range(3):
        judge.decide(replace(asked, human=human("remove")))
    assert judge.decide(asked).action is Action.REMOVE


def test_the_trace_says_what_the_model_said_and_what_each_rule_moved(tmp_path: Path) -> None:
    rules = [
        rule("up", shift={"spam": 1.0}, floor={"hate": 0.2}, action="limit"),
        rule("trial", shift={"spam": 5.0}, mode="shadow"),
        rule("silent", "false", action="remove"),
    ]
    decision = engine(tmp_path, rules=rules).decide(case(scores={"spam": 0.4}))
    assert decision.trace.model_scores["spam"] == 0.4
    trial, up = decision.trace.rules
    assert (trial.rule, trial.mode, trial.shift) == ("trial", "shadow", {"spam": 5.0})
    assert (up.rule, up.mode, up.shift) == ("up", "live", {"spam": 1.0})
    assert (up.floor, up.action) == ({"hate": 0.2}, Action.LIMIT)
