"""What conditions can name and call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rules import BankMatch, Case
from schemas import Action, BankPart, FoundText, Media, Modality
from tests.rules.making import case, engine, rule

SATURDAY_NIGHT = datetime(2026, 1, 3, 23, 30, tzinfo=UTC)


def holds(folder: Path, when: str, asked: Case, **sections: Any) -> bool:
    decision = engine(folder, rules=[rule("asks", when, labels=["seen"])], **sections).decide(asked)
    assert not any(hit.errored for hit in decision.rule_hits), decision.reasons
    return decision.labels == ("seen",)


def fails(folder: Path, when: str, asked: Case, **sections: Any) -> bool:
    judge = engine(folder, rules=[rule("asks", when, labels=["seen"])], **sections)
    return any(hit.errored for hit in judge.decide(asked).rule_hits)


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("text.words == 3 && text.mentions == 1 && text.hashtags == 1", case(text="hi @you #now")),
        ("text.mentions == 0", case(text="write to me@example.com")),
        ("text.language == 'zh'", case(language="zh-Hant-TW")),
        ("text.uppercase == 0.5", case(text="AbCd 12")),
        ("text.uppercase == 0.0", case(text="好的 12")),
        ("text.script.latin == 0.5 && text.script.cyrillic == 0.5", case(text="раaa 1")),
        ("text.script.han == 1.0 && text.scripts == 1", case(text="你好，世界！")),
        ("text.scripts == 0 && text.script.other == 0.0", case(text="123 !")),
        ("text.script.other == 1.0", case(text="ქართული")),
        ("text.urls.exists(u, u.startsWith('https://a.com'))", case(text="see https://a.com/x")),
        ("text.domains.under(['Example.com'])", case(text="see https://shop.example.com")),
        ("!text.domains.under(['ample.com'])", case(text="see https://example.com")),
        ("'a.b.com'.under('b.com') && !'ab.com'.under('b.com')", case()),
        ("text.registered_domains == ['a.co.uk', 'b.github.io']", case(
            text="https://x.a.co.uk https://y.a.co.uk https://b.github.io https://192.0.2.7/")),
        ("text.short_links == 2", case(text="https://bit.ly/a t.co/b https://example.com")),
        ("text.near_duplicates >= 3", replace(case(), near_duplicates=3)),
        ("now.hour == 23 && now.weekday == 6", replace(case(), now=SATURDAY_NIGHT)),
        ("now.inHours(22, 6)", replace(case(), now=SATURDAY_NIGHT)),
        ("now.inHours(0, 2, 'Europe/Berlin')", replace(case(), now=SATURDAY_NIGHT)),
        ("!now.inHours(6, 22) && now.inHours(23, 24)", replace(case(), now=SATURDAY_NIGHT)),
        ("sets.intersects(['a', 'b'], ['b', 'c']) && !sets.intersects(['a'], ['b'])", case()),
        ("sets.contains(['a', 'b'], ['b']) && !sets.contains(['a'], ['a', 'b'])", case()),
        ("sets.equivalent(['a', 'b'], ['b', 'a', 'b'])", case()),
        ("share(author.removals, author.posts) == 0.25", case(author={"removals": 1, "posts": 4})),
        ("share(author.removals, author.posts) == 0.0", case()),
        ("images.read && !audio.read", case(images=1, found_texts=[
            FoundText(modality=Modality.IMAGE, index=0, text="")])),
        ("!images.read && !audio.read", case(images=1)),
        ("mismatch.highest == 0.9", case(mismatch={"text_image": 0.9, "text_audio": 0.2})),
        ("mismatch.highest == 0.0", case()),
        ("post.id.upperAscii() == 'P-1' && math.greatest(1, post.reach) == 1", case()),
    ],
)  # fmt: skip
def test_a_condition_sees_and_calls(tmp_path: Path, when: str, asked: Case) -> None:
    assert holds(tmp_path, when, asked)


@pytest.mark.parametrize(
    "when",
    [
        "now.inHours(22, 6, post.id)",
        "now.inHours(24 + post.revision, 3)",
        "text.near_duplicates > 1",
    ],
)
def test_a_question_without_an_answer_follows_the_fail_setting(tmp_path: Path, when: str) -> None:
    assert fails(tmp_path, when, case())


def test_a_list_of_names_is_asked_by_its_function(tmp_path: Path) -> None:
    (tmp_path / "partners.txt").write_text("a-1\na-2\n", encoding="utf-8")
    lists = {"partners": {"names": "partners.txt"}}
    assert holds(tmp_path, "lists.partners(post.author_id)", case(), lists=lists)
    assert holds(tmp_path, "!lists.partners('a-3')", case(), lists=lists)


def test_entries_say_what_a_list_found(tmp_path: Path) -> None:
    (tmp_path / "scams.txt").write_text("free money\nfree gold\n", encoding="utf-8")
    lists = {"scams": {"phrases": "scams.txt"}}
    asked = case(text="Free m0ney! Free money!")
    assert holds(tmp_path, "text.entries.scams == ['free money']", asked, lists=lists)


def test_lists_are_looked_for_in_the_words_of_pictures_and_sounds(tmp_path: Path) -> None:
    (tmp_path / "scams.txt").write_text("free money\n", encoding="utf-8")
    lists = {"scams": {"phrases": "scams.txt"}}
    read = case(images=1, found_texts=[FoundText(modality=Modality.IMAGE, text="FREE MONEY")])
    assert holds(
        tmp_path, "images.matches.scams == 1 && text.matches.scams == 0", read, lists=lists
    )
    unheard = case(audio=(Media(key="sound"),))
    assert fails(tmp_path, "audio.matches.scams == 1", unheard, lists=lists)


def test_a_post_on_a_surface_of_an_audience_is_of_that_audience(tmp_path: Path) -> None:
    audiences = {"minors": {"surfaces": ["school"]}}
    assert holds(tmp_path, "post.audience.minors", case(surface="school"), audiences=audiences)
    assert holds(tmp_path, "!post.audience.minors", case(surface="feed"), audiences=audiences)


def known(*distances: int) -> list[BankMatch]:
    return [BankMatch("scams", BankPart.IMAGE, 0, one, Action.ALLOW) for one in distances]


@pytest.mark.parametrize(
    ("when", "distances"),
    [
        ("images.bank.scams", (12,)),
        ("!images.bank.scams && images.bank_distances.scams.size() == 0", ()),
        ("images.bank_distances.scams.within(10) == 2", (3, 10, 11)),
        ("images.bank_distances.scams[0] == 3", (10, 3)),
    ],
)
def test_banks_are_facts(tmp_path: Path, when: str, distances: tuple[int, ...]) -> None:
    asked = replace(case(images=1), bank_matches={"scams": known(*distances)})
    assert holds(tmp_path, when, asked, banks={"scams": {"modality": "image"}})


@pytest.mark.parametrize(
    "when",
    ["post.bank.scams", "post.bank_distances.scams.within(0.05) == 1"],
)
def test_banks_of_whole_posts_are_facts(tmp_path: Path, when: str) -> None:
    match = BankMatch("scams", BankPart.POST, 0, 0.031, Action.ALLOW)
    asked = replace(case(), bank_matches={"scams": [match]})
    assert holds(tmp_path, when, asked, banks={"scams": {"modality": "post"}})


def test_a_bank_in_which_nobody_looked_is_unknown(tmp_path: Path) -> None:
    banks = {"scams": {"modality": "image"}}
    assert fails(tmp_path, "images.bank.scams", case(images=1), banks=banks)


def test_a_bank_that_is_not_required_counts_as_no_match(tmp_path: Path) -> None:
    banks = {"scams": {"modality": "image", "required": False}}
    assert holds(tmp_path, "!images.bank.scams", case(images=1), banks=banks)
