"""The policy that ships meets its own cases and covers the taxonomy."""

from __future__ import annotations

import pytest

from rules import (
    DEFAULT_POLICY_PATH,
    Policy,
    PolicyEngine,
    cases_path,
    failed_expectations,
    load_cases,
    load_policy,
)
from schemas import CATEGORIES, Action
from tests.rules.making import case


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return load_policy(DEFAULT_POLICY_PATH)


def test_it_meets_its_own_cases(shipped: Policy) -> None:
    found = failed_expectations(shipped, load_cases(cases_path(DEFAULT_POLICY_PATH)))
    assert "\n".join(map(str, found)) == ""


def test_every_rule_has_a_case(shipped: Policy) -> None:
    cases = load_cases(cases_path(DEFAULT_POLICY_PATH)).document.cases
    covered = {name for one in cases for name in one.expect.rules or ()}
    assert {rule.settings.id for rule in shipped.rules} == covered


def test_it_covers_every_category_of_the_taxonomy(shipped: Policy) -> None:
    assert set(shipped.document.categories) == set(CATEGORIES)


@pytest.mark.parametrize("score", [0.7, 0.97, 1.0])
def test_self_harm_is_never_removed_by_the_machine(shipped: Policy, score: float) -> None:
    scores = dict.fromkeys(CATEGORIES, score)
    decision = PolicyEngine(shipped).decide(case(scores=scores))
    assert (decision.action, decision.queue) == (Action.REVIEW, "wellbeing")


def test_a_quiet_post_fires_no_rule(shipped: Policy) -> None:
    asked = case(text="The train was on time today.", scores=dict.fromkeys(CATEGORIES, 0.01))
    decision = PolicyEngine(shipped).decide(asked)
    assert (decision.action, decision.rule_hits, decision.reasons) == (Action.ALLOW, (), ())


def test_a_case_that_is_not_met_is_told_with_its_place(shipped: Policy) -> None:
    cases = load_cases(cases_path(DEFAULT_POLICY_PATH))
    first = cases.document.cases[0]
    wrong = first.model_copy(
        update={"expect": first.expect.model_copy(update={"action": Action.REMOVE})}
    )
    changed = cases.document.model_copy(update={"cases": [wrong]})
    (told,) = failed_expectations(shipped, type(cases)(cases.located, changed))
    assert told.message == (
        "a harmless post is allowed: expected action remove, the policy says allow"
    )
    assert "expect: {action: allow" in told.source_line
