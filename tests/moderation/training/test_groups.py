"""Training texts about other groups of people."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.training.groups import exchange_groups


def drawn(text: str, count: int = 200) -> list[str]:
    draw = random.Random(5)
    return [exchange_groups(text, draw) for _ in range(count)]


@given(text=st.text(), seed=st.integers(0, 100))
def test_any_text_survives(text: str, seed: int) -> None:
    assert bool(exchange_groups(text, random.Random(seed)).strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "see you at the station, I have your black coat",
        "the womenfolk of the Poleski family",  # neither word is one of ours
        "今天天气很好，我们去公园吧",
    ],
)
def test_a_text_that_names_no_group_stays_as_it_is(text: str) -> None:
    assert set(drawn(text, 20)) == {text}


def test_each_group_becomes_every_other() -> None:
    seen = {text.removesuffix(" live here") for text in drawn("Muslims live here", 3000)}
    assert {"Muslims", "Jews", "Gay people", "Old people", "Women"} <= seen
    assert len(seen) > 50


def test_capitals_stay() -> None:
    assert all(text.isupper() for text in drawn("WE LIKE JEWS"))
    assert all(text.islower() for text in drawn("we like jews"))


def test_the_form_of_a_word_stays() -> None:
    assert all(text.endswith(" neighbours came") for text in drawn("our Jewish neighbours came"))
    assert "our Muslim neighbours came" in drawn("our Jewish neighbours came")
    assert "a Christian said so" in drawn("a Jew said so")


def test_a_group_named_twice_is_the_same_one_afterwards() -> None:
    for text in drawn("refugees help refugees"):
        first, second = text.split(" help ")
        assert first == second


def test_chinese_groups_are_exchanged_within_a_sentence() -> None:
    texts = drawn("我的邻居是黑人，他很好", 400)
    assert "我的邻居是老年人，他很好" in texts
    assert all(text.startswith("我的邻居是") and text.endswith("，他很好") for text in texts)


def test_the_longest_name_counts() -> None:
    assert not any(
        text.startswith("女") and text.endswith("恋") and len(text) > 4
        for text in drawn("女同性恋", 300)
    )
    assert "黑人" in drawn("女同性恋", 400)
