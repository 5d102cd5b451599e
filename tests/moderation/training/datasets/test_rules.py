"""What every public text goes through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation import DEV, Row
from moderation.training.datasets import Built, build_dataset
from moderation.training.datasets.cleaning import (
    MAX_CHARACTERS,
    clean,
    duplicate_key,
    sexualises_minors,
    tells_of_a_minor,
)


def surge(folder: Path, *posts: tuple[str, str], without: list[Row] | None = None) -> Built:
    lines = [f'"{text}",{label}' for text, label in posts]
    (folder / "toxicity_en.csv").write_text("\n".join(["text,is_toxic", *lines]), "utf-8")
    return build_dataset("surge_toxicity", folder, media=folder, without=without or [])


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  two\n\n lines\t", "two lines"),
        ("salt &amp; pepper", "salt & pepper"),
        ("hi @Some_One and (@two)", "hi @user and (@user)"),
        ("write to jane.doe+x@mail.example", "write to user@mail.example"),
        ("thanks u/some-one!", "thanks u/user!"),
        ("a\x00b\x07c", "abc"),
        ("menu/item stays", "menu/item stays"),
    ],
)
def test_people_are_masked_and_space_is_collapsed(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_of_a_text_without_entities(text: str) -> None:
    once = clean(text.replace("&", ""))
    assert clean(once) == once
    assert len(once) <= MAX_CHARACTERS


def test_copies_differ_in_case_links_handles_and_punctuation_only() -> None:
    assert duplicate_key("RT @someone: Hello, WORLD! http://x.example") == duplicate_key(
        "hello world"
    )
    assert duplicate_key("hello 🐀") != duplicate_key("hello 🐈")


def test_copies_are_merged(tmp_path: Path) -> None:
    built = surge(tmp_path, ("Well played!", "Not Toxic"), ("well played", "Not Toxic"))
    assert [row.text for row in built.rows] == ["Well played!"]
    assert built.left_out == {"duplicate": 1}


def test_copies_that_contradict_each_other_all_go(tmp_path: Path) -> None:
    built = surge(tmp_path, ("well played", "Not Toxic"), ("Well played", "Toxic"), ("hi", "Toxic"))
    assert [row.text for row in built.rows] == ["hi"]
    assert built.left_out == {"duplicate": 1, "conflict": 1}


def test_texts_of_an_excluded_manifest_do_not_come_up_again(tmp_path: Path) -> None:
    built = surge(tmp_path, ("well played", "Not Toxic"), without=[Row("t", text="Well played!")])
    assert built.rows == []
    assert built.left_out == {"in an excluded manifest": 1}


def test_texts_without_letters_go(tmp_path: Path) -> None:
    assert surge(tmp_path, ("...", "Toxic")).left_out == {"empty": 1}


def test_about_one_text_in_twenty_is_for_dev_and_always_the_same(tmp_path: Path) -> None:
    posts = [(f"post number {'abcdefghij'[n % 10]}{n}", "Toxic") for n in range(1000)]
    rows = surge(tmp_path, *posts).rows
    assert 25 <= sum(row.split == DEV for row in rows) <= 80
    assert rows == surge(tmp_path, *posts).rows


def test_words_for_minors_beside_sexual_words_are_recognised() -> None:
    assert sexualises_minors("a leaflet on sex education for minors")  # rather one too many
    assert not sexualises_minors("a leaflet on traffic for minors")
    assert not sexualises_minors("a leaflet on sex education for adults")


@pytest.mark.parametrize("text", ["I'm 15 and sad", "17 yo here", "in high school", "turned 16"])
def test_an_author_under_18_is_recognised(text: str) -> None:
    assert tells_of_a_minor(text)


@pytest.mark.parametrize("text", ["I'm 35 and sad", "I am 10 minutes late", "aged 40", "no age"])
def test_an_adult_author_is_not_taken_for_a_minor(text: str) -> None:
    assert not tells_of_a_minor(text)
