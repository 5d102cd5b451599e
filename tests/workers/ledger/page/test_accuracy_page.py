"""The page of figures: what it shows, and that it loads and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from schemas import Action, RuleHit
from tests.workers.ledger.accuracy.rows import a_row
from tests.workers.ledger.records import NOON
from workers.ledger.accuracy import (
    AuditRow,
    Estimate,
    Figures,
    Report,
    Subject,
    make_report,
    promotions,
)
from workers.ledger.page import CONTENT_SECURITY_POLICY, accuracy_page

WINDOW = timedelta(days=28)
LATER = NOON + timedelta(hours=10)


def rows() -> Iterator[AuditRow]:
    """Two days of verdicts, some answered twice, with a rule in shadow."""
    for number in range(480):
        harmful, flagged = number % 4 == 0, number % 5 == 0
        yield a_row(
            f"post-{number}",
            action=Action.REMOVE if flagged else Action.ALLOW,
            category="self_harm" if flagged else None,
            answer=Action.REMOVE if harmful else Action.ALLOW,
            categories=("self_harm",) if harmful else (),
            second_answer=("self_harm",) if number % 40 == 0 else () if number % 41 == 0 else None,
            language="en" if number % 3 else "zh",
            scores={"self_harm": 0.9 if flagged else number / 1000},
            rule_hits=(RuleHit(rule="on_trial", mode="shadow"),) if number % 8 == 0 else (),
            shadow_model=(Action.ALLOW, Action.ALLOW) if number < 300 else None,
            shadow_scores={"self_harm": 0.5},
            after=timedelta(hours=number // 240 * 30),
        )


@pytest.fixture(scope="module")
def page() -> str:
    sample = list(rows())
    return accuracy_page(make_report(sample, WINDOW), promotions(sample, WINDOW), WINDOW, LATER)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))


def test_it_shows_every_figure_with_its_interval_by_category_and_language(page: str) -> None:
    words = words_of(page)

    for name in ("Precision", "Recall", "False-positive rate", "Prevalence"):
        assert page.count(f'aria-label="{name} with 95 % intervals"') == 2
    assert "self harm: 19.4 % to 31.6 %; effective n 96 25.0 % 19.4 % to 31.6 %" in words
    assert "480 verdicts drawn" in words
    assert {"zh", "en", "all"} <= set(re.findall(r">(\w+)</text>", page))


def test_without_figures_on_trial_it_does_not_say_that_nothing_is() -> None:
    page = accuracy_page(make_report(list(rows()), WINDOW), [], WINDOW, LATER)
    assert (
        "No rule and no model is in shadow, or none of their verdicts has been answered."
        in words_of(page)
    )


def test_it_draws_calibration_drift_and_agreement(page: str) -> None:
    assert 'aria-label="Share of harm by score, self harm"' in page
    assert 'aria-label="Drift of scores, self harm"' in page
    assert "Do reviewers agree?" in page


def test_what_is_on_trial_stands_beside_what_is_live_with_what_is_proven(page: str) -> None:
    words = words_of(page)

    assert "shadow:on_trial" in words
    assert "weigh" in words
    assert re.search(r"[+-]\d+\.\d to [+-]\d+\.\d points", words)


def test_every_chart_is_well_formed(page: str) -> None:
    charts = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)

    assert len(charts) >= 10
    for chart in charts:
        assert ET.fromstring(chart).get("role") == "img"  # noqa: S314 - a page that our own code has written


def test_it_runs_and_loads_nothing_and_its_policy_allows_its_own_style_only(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|\bon\w+=|style=|url\(", page)


def test_names_cannot_bring_markup_along() -> None:
    nothing = Estimate(value=0.0, low=0.0, high=0.0, effective_n=0.0, units=0)
    hostile = Subject("live", "<i>any</i>", "<i>all</i>")
    report = Report(figures={hostile: Figures({}, nothing)}, newest=NOON)
    page = accuracy_page(report, (), WINDOW, LATER)

    assert "&lt;i&gt;" in page
    assert "<i>" not in page


def test_an_empty_sample_and_one_without_answers_say_so() -> None:
    empty = accuracy_page(Report(), (), WINDOW, LATER)
    waiting = [a_row("post-1", answer=None)]

    assert "No verdict has been drawn" in empty
    assert "None of the sampled verdicts has been answered yet" in accuracy_page(
        make_report(waiting, WINDOW), (), WINDOW, LATER
    )


def test_a_model_on_trial_has_its_scores_beside_those_that_judged(page: str) -> None:
    words = words_of(page)
    row = words[words.index("Shift of scores") :]
    assert re.search(r"shadow-model:model-2 self harm 0\.\d{3} → 0\.\d{3} \d+\.\d{3}", row)
