"""A roll-out on the terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from schemas import ModelFolder
from workers.rollout.figures import Figures
from workers.rollout.stages import Order, start, untouched
from workers.rollout.table import show

ADA = Order("ada", datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
BEGUN = start(
    untouched("moderator", ADA), ModelFolder(name="new", digest="sha256:" + "1" * 64), 0.1, ADA
)


def shown(figures: Figures, capsys: pytest.CaptureFixture[str]) -> str:
    show(BEGUN, figures, [])
    return capsys.readouterr().out


def test_posts_that_were_drawn_and_not_compared_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = Figures(candidates={"one:9101": "new@1"}, compared=1200, failed=3, dropped=4500)
    told = shown(figures, capsys)
    assert re.search(r"compared\W+1,200\b", told)
    assert re.search(r"a model failed\W+3\b", told)
    assert re.search(r"dropped: too many waited\W+4,500\b", told)


def test_where_no_worker_answers_no_posts_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert "dropped" not in shown(Figures(), capsys)
