"""The policy that ships meets its own cases and covers the taxonomy."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import yaml
from jsonschema import Draft202012Validator

from rules import (
    DEFAULT_POLICY_PATH,
    Policy,
    PolicyEngine,
    cases_path,
    failed_expectations,
    load_cases,
    load_policy,
    policy_schema,
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


def test_it_is_a_serious_start(shipped: Policy) -> None:
    assert len(shipped.rules) >= 40
    assert {name for one in shipped.document.contexts.values() for name in one.audiences}
    assert len({s for one in shipped.document.contexts.values() for s in one.surfaces}) >= 3
    assert len({r for one in shipped.document.contexts.values() for r in one.regions}) >= 2


def test_every_rule_says_why_it_is_there() -> None:
    lines = DEFAULT_POLICY_PATH.read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if line.startswith("  - id:") and not before.startswith("  #")
    ]
    assert bare == []


def test_the_schema_for_editors_is_fresh_and_named_in_the_first_line() -> None:
    published = DEFAULT_POLICY_PATH.with_name("policy.schema.json").read_text(encoding="utf-8")
    assert published == policy_schema(), (
        "moderation rules schema > rules/policies/policy.schema.json"
    )
    first = DEFAULT_POLICY_PATH.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=policy.schema.json"


def test_the_schema_for_editors_accepts_the_policy_and_refuses_what_the_loader_refuses() -> None:
    validator = Draft202012Validator(json.loads(policy_schema()))
    document = yaml.safe_load(DEFAULT_POLICY_PATH.read_text(encoding="utf-8"))
    document["brakes"]["removals"] = "on"  # YAML 1.1, which reads it as true, is not our YAML
    assert validator.is_valid(document)
    for wrong in ({"agegate": 18}, {"labels": [3]}, {"shift": {"spam": 99}}):
        document["rules"][0]["then"] = wrong
        assert not validator.is_valid(document)


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
