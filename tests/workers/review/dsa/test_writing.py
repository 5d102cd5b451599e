"""A restriction in the Transparency Database's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CATEGORIES
from workers.review.dsa.statement import StatementOfReasons
from workers.review.dsa.vocabulary import EU_COUNTRIES, StatementCategory
from workers.review.dsa.writing import Terms, write_statement
from workers.review.store import Statement

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TERMS = Terms("House rules", "https://example.org/rules")


def restriction(**changes: Any) -> Statement:
    fields: dict[str, Any] = {
        "verdict_id": UUID(int=1),
        "puid": UUID(int=2),
        "post": "hash",
        "revision": 1,
        "source": "machine",
        "action": "remove",
        "age_gate": None,
        "geo_limit": [],
        "categories": ["hate", "toxicity"],
        "modalities": ["text"],
        "language": "de-AT",
        "detected": True,
        "content_at": NOON,
        "decided_at": NOON,
        "recorded_at": NOON,
    }
    return Statement(**(fields | changes))


def written(terms: Terms = TERMS, **changes: Any) -> dict[str, Any]:
    statement = write_statement(restriction(**changes), terms)
    assert statement is not None
    return statement.payload()


def test_a_removal_by_the_machine_says_all_that_is_asked_for() -> None:
    statement = written()
    facts = statement.pop("decision_facts")
    explanation = statement.pop("incompatible_content_explanation")
    assert statement == {
        "puid": "00000000-0000-0000-0000-000000000002",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": "https://example.org/rules",
        "incompatible_content_ground": "House rules: hate, toxicity",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "category_addition": ["STATEMENT_CATEGORY_CYBER_VIOLENCE"],
        "category_specification": ["KEYWORD_HATE_SPEECH", "KEYWORD_CYBER_HARASSMENT"],
        "territorial_scope": list(EU_COUNTRIES),
        "content_language": "DE",
        "content_date": "2026-05-04",
        "application_date": "2026-05-04",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
    }
    assert "without a person" in facts
    assert "hate (attacks or dehumanises people" in explanation


@pytest.mark.parametrize(
    ("imposed", "visibility"),
    [
        ({"action": "limit"}, ["DECISION_VISIBILITY_CONTENT_DEMOTED"]),
        (
            {"action": "allow", "age_gate": 18},
            ["DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"],
        ),
        ({"action": "allow", "geo_limit": ["DE"]}, ["DECISION_VISIBILITY_CONTENT_DISABLED"]),
    ],
)
def test_visibility_says_what_was_done(imposed: dict[str, Any], visibility: list[str]) -> None:
    assert written(**imposed)["decision_visibility"] == visibility


def test_a_post_hidden_in_some_countries_names_those() -> None:
    hidden = written(action="allow", geo_limit=["US", "FR", "DE"])
    assert hidden["territorial_scope"] == ["DE", "FR"]
    assert write_statement(restriction(action="allow", geo_limit=["US"]), TERMS) is None


def test_a_persons_decision_is_partly_automated() -> None:
    statement = written(source="human")
    assert statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert "trained reviewer" in statement["decision_facts"]


def test_a_category_of_the_policy_is_the_databases_that_the_settings_name() -> None:
    assert written(categories=["doxing"])["category"] == "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    assert written(categories=["doxing"])["category_specification_other"] == "doxing"
    terms = Terms("House rules", categories={"doxing": StatementCategory.DATA_PROTECTION})
    named = written(terms, categories=["doxing"])
    assert named["category"] == "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
    assert "category_specification" not in named


def test_a_post_of_which_nothing_is_known_is_still_stated() -> None:
    statement = written(categories=[], modalities=[], language=None)
    assert statement["content_type_other"] == "Post"
    assert statement["category"] == "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    assert "content_language" not in statement


names = st.sampled_from(CATEGORIES) | st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
languages = st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})?", fullmatch=True)
restrictions = st.fixed_dictionaries(
    {
        "categories": st.lists(names, max_size=40, unique=True),
        "modalities": st.lists(st.sampled_from(["text", "image", "audio"]), unique=True),
        "action": st.sampled_from(["limit", "remove"]),
        "age_gate": st.none() | st.integers(1, 99),
        "source": st.sampled_from(["machine", "human"]),
        "language": st.none() | languages,
    }
)


@given(restrictions)
def test_every_restriction_can_be_stated_within_the_databases_bounds(
    imposed: dict[str, Any],
) -> None:
    StatementOfReasons.model_validate(written(**imposed))
