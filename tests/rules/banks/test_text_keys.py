"""Texts that are nearly equal share a key; others do not."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rules.banks import text_keys
from rules.banks.text_keys import CHARS_AT_ONCE
from rules.matchers import Folder

FOLDER = Folder()
TEXT = (
    "Everybody in our town is talking about the new savings card. Order yours before Friday and "
    "tell three of your friends, they will thank you for it."
)


def keys_of(text: str) -> tuple[str, ...]:
    (keys,) = text_keys([text], FOLDER)
    return keys


def shared(one: str, other: str) -> bool:
    return not set(keys_of(one)).isdisjoint(keys_of(other))


def test_disguise_case_and_punctuation_make_no_difference() -> None:
    disguised = TEXT.upper().replace("O", "О").replace(".", "!!")

    assert keys_of(disguised) == keys_of(TEXT)


def test_a_text_with_one_word_changed_mostly_meets_the_original() -> None:
    words = TEXT.split()
    variants = [" ".join([*words[:at], "really", *words[at + 1 :]]) for at in range(len(words))]

    assert sum(shared(TEXT, variant) for variant in variants) >= 0.8 * len(variants)


def test_texts_of_the_same_words_in_another_order_do_not_meet() -> None:
    words = TEXT.split()
    Random(1).shuffle(words)

    assert not shared(TEXT, " ".join(words))


def test_chinese_texts_meet_too() -> None:
    one = "本店新到一批手表，质量上乘，价格公道，欢迎各位朋友前来选购，数量有限，先到先得。"
    variants = [f"{one}{word}！" for word in ("快来", "谢谢", "再见", "转发", "今天", "明天")]

    assert sum(shared(one, variant) for variant in variants) >= 5


def test_a_short_text_has_no_keys() -> None:
    assert keys_of("Good morning!") == ()


def test_keys_are_hashes_and_the_same_in_every_process() -> None:
    keys = keys_of(TEXT)

    assert len(set(keys)) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
    assert keys == ("c7ef4a849b2963fd", "35eb9d377c19cf4e", "a9d4566ddd8c6295")


@given(st.lists(st.builds(str.__mul__, st.text(max_size=200), st.sampled_from([1, 50]))))
def test_company_makes_no_difference(texts: list[str]) -> None:
    assert text_keys(texts, FOLDER) == [keys_of(text) for text in texts]


def test_more_texts_than_are_hashed_together_keep_their_order() -> None:
    texts = [f"{TEXT} {number}" for number in range(2 * CHARS_AT_ONCE // len(TEXT))]
    assert text_keys(texts, FOLDER) == [keys_of(text) for text in texts]
