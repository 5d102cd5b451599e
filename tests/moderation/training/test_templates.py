"""The grammar of synthetic posts."""

from __future__ import annotations

import pytest

from moderation.evaluation import DEV, TRAIN, Row
from moderation.training.templates import SOURCE_PREFIX, template_rows
from schemas import CATEGORIES


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return template_rows(per_group=60, seed=1)


def test_every_category_has_posts_in_both_languages_and_splits(rows: list[Row]) -> None:
    for category in CATEGORIES:
        found = {(row.lang, row.split) for row in rows if row.labels.get(category) == 1}
        assert found == {("en", TRAIN), ("en", DEV), ("zh", TRAIN), ("zh", DEV)}, category


def test_no_slot_is_left_open(rows: list[Row]) -> None:
    assert not [row.text for row in rows if row.text and ("{" in row.text or "}" in row.text)]


def test_everyday_posts_are_labelled_harmless_in_every_category(rows: list[Row]) -> None:
    everyday = [row for row in rows if row.source == SOURCE_PREFIX + "everyday"]
    assert everyday
    assert all(row.labels == dict.fromkeys(CATEGORIES, 0) for row in everyday)


def test_the_splits_share_no_text(rows: list[Row]) -> None:
    texts = {
        split: {row.text.lower() for row in rows if row.split == split and row.text}
        for split in (TRAIN, DEV)
    }
    assert not texts[TRAIN] & texts[DEV]


def test_the_same_seed_draws_the_same_posts(rows: list[Row]) -> None:
    assert template_rows(per_group=60, seed=1) == rows
    assert template_rows(per_group=60, seed=2) != rows
