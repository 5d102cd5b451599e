"""Posts drawn from the grammars."""

from __future__ import annotations

from collections import Counter

import pytest

from moderation.evaluation import DEV, TRAIN, Row
from moderation.training.templates import SOURCE_PREFIX, language_grammar, template_rows
from schemas import CATEGORIES

HARMLESS = dict.fromkeys(CATEGORIES, 0)
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return template_rows(per_group=60, seed=1)


def test_every_category_has_posts_in_both_languages_and_splits(rows: list[Row]) -> None:
    for category in CATEGORIES:
        found = {(row.lang, row.split) for row in rows if row.labels.get(category) == 1}
        assert found == {("en", TRAIN), ("en", DEV), ("zh", TRAIN), ("zh", DEV)}, category


def test_no_slot_is_left_open(rows: list[Row]) -> None:
    assert not [row.text for row in rows if row.text and ("{" in row.text or "}" in row.text)]


def test_no_two_rows_share_an_id(rows: list[Row]) -> None:
    assert len({row.id for row in rows}) == len(rows)


@pytest.mark.parametrize("group", ["everyday", "fragments"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_everyday_talk_and_scraps_are_labelled_harmless_in_every_category(
    rows: list[Row], lang: str, group: str
) -> None:
    own = [row for row in rows if (row.source, row.lang) == (SOURCE_PREFIX + group, lang)]
    assert own
    assert all(row.labels == HARMLESS for row in own)


def test_harmless_posts_outnumber_harmful_ones(rows: list[Row]) -> None:
    for lang in LANGUAGES:
        harmless = [row.labels == HARMLESS for row in rows if row.lang == lang]
        assert sum(harmless) > len(harmless) / 2, lang


def test_the_splits_share_no_text(rows: list[Row]) -> None:
    texts = {
        split: {row.text.lower() for row in rows if row.split == split and row.text}
        for split in (TRAIN, DEV)
    }
    assert not texts[TRAIN] & texts[DEV]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_identity_is_mentioned_kindly_as_often_as_hatefully(lang: str) -> None:
    identities = language_grammar(lang).slots["group"]
    mentions: dict[int, Counter[str]] = {0: Counter(), 1: Counter()}
    for row in template_rows(per_group=300, seed=1):
        if row.lang == lang and row.split == TRAIN and "hate" in row.labels:
            text = (row.text or "").lower()
            named = [name for name in identities if name.lower() in text]
            mentions[row.labels["hate"]].update(named)
    assert mentions[1]
    for name in identities:
        assert mentions[0][name] >= mentions[1][name], name


def test_the_same_seed_draws_the_same_posts(rows: list[Row]) -> None:
    assert template_rows(per_group=60, seed=1) == rows
    assert template_rows(per_group=60, seed=2) != rows
