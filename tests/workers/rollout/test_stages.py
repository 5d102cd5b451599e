"""A roll-out goes through its stages, to its end or back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import ModelFolder, ModelRollout
from workers.rollout import folder_digest
from workers.rollout.errors import RolloutError
from workers.rollout.stages import STAGES, Order, promote, roll_back, start, told, untouched

ADA = Order("ada", datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
OLD = ModelFolder(name="old", digest="sha256:" + "0" * 64)
NEW = ModelFolder(name="new", digest="sha256:" + "1" * 64)


def begun() -> ModelRollout:
    return start(untouched("moderator", ADA), NEW, 0.1, ADA)


def test_a_candidate_judges_nothing_at_first() -> None:
    assert (begun().live, begun().candidate, begun().candidate_share) == (None, NEW, 0.0)
    assert told(begun()) == (
        "the workers' own model judges all posts, new none; both score 10 % of the posts"
    )


def test_each_promotion_is_a_stage_and_the_last_makes_it_the_live_model() -> None:
    now, shares = begun(), []
    while now.candidate is not None:
        now = promote(now, ADA)
        shares.append(now.candidate_share)
    assert shares == [*STAGES, 0.0]
    assert (now.live, now.previous, now.can_go_back) == (NEW, None, True)
    assert told(now) == "new judges all posts"


def test_going_back_after_the_end_can_itself_be_taken_back() -> None:
    now = begun()
    for _ in range(len(STAGES) + 1):
        now = promote(now, ADA)
    back = roll_back(now, ADA)
    assert (back.live, back.previous, back.can_go_back) == (None, NEW, True)
    assert roll_back(back, ADA).live == NEW


@given(promotions=st.integers(0, len(STAGES)))
def test_at_every_stage_one_step_leads_back_to_the_old_model_alone(promotions: int) -> None:
    now = begun()
    for _ in range(promotions):
        now = promote(now, ADA)
    back = roll_back(now, ADA)
    assert (back.live, back.candidate) == (None, None)
    assert (back.candidate_share, back.compared_share) == (0.0, 0.0)


def test_the_model_that_judges_is_no_candidate() -> None:
    now = ModelRollout(group="moderator", live=OLD, by="ada", at=ADA.at)
    renamed = ModelFolder(name="renamed", digest=OLD.digest)
    with pytest.raises(RolloutError, match="its files are the same"):
        start(now, renamed, 0.1, ADA)


def test_the_digest_is_of_what_makes_the_model(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "config.json").write_text("{}", "utf-8")
    first = folder_digest(tmp_path)
    for beside in ("README.md", "metrics.json", ".gitattributes"):
        (tmp_path / beside).write_text("changed", "utf-8")
    assert folder_digest(tmp_path) == first
    (tmp_path / "config.json").rename(tmp_path / "renamed.json")
    assert folder_digest(tmp_path) != first


def test_a_folder_without_a_model_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("only a card", "utf-8")
    with pytest.raises(FileNotFoundError, match="holds no files"):
        folder_digest(tmp_path)
