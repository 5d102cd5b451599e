"""The plan of the audit sample: every verdict has one stratum, and the file is checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import CATEGORIES, Action, Modality
from schemas.base import Name
from workers.audit_plan import AuditPlan, AuditPlanError

SCORES = st.dictionaries(st.sampled_from(CATEGORIES), st.floats(0, 1))
TAGS = st.none() | st.sampled_from(["en", "EN-gb", "zh-Hant-TW", "pt-BR", "und", "yue"])


@pytest.mark.parametrize(
    ("action", "scores", "modalities", "language", "stratum"),
    [
        (Action.ALLOW, {"spam": 0.019}, [Modality.TEXT], "en", "allow-s0-text-en"),
        (Action.ALLOW, {"spam": 0.02}, [Modality.TEXT], "en-GB", "allow-s1-text-en"),
        (Action.REMOVE, {"hate": 0.2, "spam": 0.9}, [Modality.TEXT], "zh", "remove-s5-text-zh"),
        (
            Action.REVIEW,
            {"hate": 0.6},
            [Modality.IMAGE, Modality.TEXT],
            "pt",
            "review-s4-text_image-other",
        ),
        (Action.REVIEW, {}, [], None, "review-unscored-none-und"),
    ],
)
def test_a_stratum_is_named_after_action_score_modalities_and_language(
    action: Action,
    scores: dict[str, float],
    modalities: list[Modality],
    language: str | None,
    stratum: str,
) -> None:
    assert AuditPlan().stratum(action, scores, modalities, language) == stratum


@given(st.sampled_from(Action), SCORES, st.lists(st.sampled_from(Modality)), TAGS)
def test_every_stratum_is_a_name_of_the_contract(
    action: Action, scores: dict[str, float], modalities: list[Modality], language: str | None
) -> None:
    stratum = AuditPlan().stratum(action, scores, modalities, language)

    assert TypeAdapter(Name).validate_python(stratum) == stratum
    assert stratum == AuditPlan().stratum(action, scores, modalities[::-1], language)


def test_a_stratum_that_the_plan_does_not_name_has_the_default_rate() -> None:
    plan = AuditPlan(default_rate=0.01, rates={"allow-s0-text-en": 0.002})

    assert (plan.rate("allow-s0-text-en"), plan.rate("remove-s5-text-en")) == (0.002, 0.01)


def test_a_plan_is_read_from_its_file(tmp_path: Path) -> None:
    plan = AuditPlan(default_rate=0.01, rates={"allow-s0-text-en": 0.002})
    file = tmp_path / "plan.json"
    file.write_text(plan.model_dump_json())

    assert AuditPlan.load(file) == plan


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"default_rate": 0.0, "rates": {"a": 0.5}}, "would never be seen"),
        ({"default_rate": 0.1, "rates": {"a": 0.0}}, "rates.a: Input should be greater than 0"),
        ({"default_rate": 0.1, "score_edges": [0.5, 0.1]}, "must ascend"),
        ({"default_rte": 0.1}, "default_rte"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, content: object, complaint: str
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content))

    with pytest.raises(AuditPlanError, match=r"plan\.json is no audit plan") as refused:
        AuditPlan.load(file)

    assert complaint in str(refused.value)


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditPlanError, match=r"cannot read the audit plan .*none\.json"):
        AuditPlan.load(tmp_path / "none.json")


def test_edges_and_rates_are_checked_in_code_too() -> None:
    with pytest.raises(ValidationError):
        AuditPlan(default_rate=1.5)
