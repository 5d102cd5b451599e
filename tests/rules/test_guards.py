"""Conditions that cannot hold for a post are passed over, and nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import PolicyEngine
from rules.engine.fact import Fact
from rules.engine.facts import declare_facts
from rules.engine.guards import Comparison, comparisons_of
from rules.matchers import Link, Lists, Match, TextScanner
from tests.rules.making import case, engine, policy, rule

LISTS = {"animals": "zebra", "fruits": "mango"}

atoms = st.sampled_from(
    [
        "text.matches.animals > 0",
        "text.matches.fruits > 0",
        "text.matches.animals == 0",
        "text.matches.animals >= 0",
        "text.links > (0 - 1)",
        "text.words >= 2",
        "text.uppercase < 0.5",
        "size(text.domains) < 1",
        "!author.known",
        "images.read",
        "true",
        "false",
        'post.surface == "feed"',
        'post.surface != "a && text.matches.animals > 0 && b"',
        "scores.spam > 0.5",
        "1 / author.posts > 0",  # cannot be evaluated for a new author
        "now.inHours(author.posts + 99, 6)",  # raises
        "mismatch.text_image > 0.5",  # unknown without a picture
    ]
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" && ".join),
        st.tuples(inner, inner).map(" || ".join),
        st.tuples(inner, inner).map("\n&& ".join),
        st.tuples(inner, inner, inner).map("[{0[0]}, {0[1]}, {0[2]}][0]".format),
        st.tuples(inner, inner).map("({0[0]}) ? ({0[1]}) : true".format),
        inner.map("({})".format),
        inner.map("!({})".format),
    ),
    max_leaves=4,
)


def made_lists(folder: Path) -> dict[str, dict[str, str]]:
    for name, word in LISTS.items():
        (folder / f"{name}.txt").write_text(word, encoding="utf-8")
    return {name: {"phrases": f"{name}.txt"} for name in LISTS}


notes = st.sampled_from(["", " // && text.matches.animals > 0 && true"])


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fact]:
    folder = tmp_path_factory.mktemp("policy")
    return declare_facts(policy(folder, lists=made_lists(folder)).document)


ANIMALS = Comparison("text.matches.animals", ">", 0)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("text.matches.animals > 0", [ANIMALS]),
        ("text.links>=3", [Comparison("text.links", ">=", 3)]),
        ("scores.spam > 0.5", [Comparison("scores.spam", ">", 0.5)]),
        ("text.words > 1 && true && text.links < 2",
         [Comparison("text.words", ">", 1), Comparison("text.links", "<", 2)]),
        ("scores.spam > 0.5 && text.matches.animals > 0",
         [ANIMALS, Comparison("scores.spam", ">", 0.5)]),
        ('post.surface == "a && b" && post.region != ""',
         [Comparison("post.surface", "==", "a && b"), Comparison("post.region", "!=", "")]),
        ("author.known", [Comparison("author.known", "==", True)]),
        ("! author.known", [Comparison("author.known", "==", False)]),
        ("size(text.domains) >= 6", [Comparison("text.domains", ">=", 6, of_size=True)]),
        ("text.matches.animals > 0 && (text.links > 0 || author.known)", [ANIMALS]),
    ],
)  # fmt: skip
def test_plain_parts_of_a_conjunction_have_to_hold(
    source: str, expected: list[Comparison], facts: dict[str, Fact]
) -> None:
    assert list(comparisons_of(source, facts)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "text.matches.animals > 0 || true",
        "true ? text.matches.animals == 0 && text.matches.fruits > 0 : true",
        "!(text.matches.animals > 0)",
        "[true, true && text.matches.animals > 0 && true][0]",
        "true // && text.matches.animals > 0 && true",
        "(true // ) && text.matches.animals > 0 && (\n)",
        'post.surface != "\\" && text.matches.animals > 0 && "',
        "post.surface != 'a\" && text.matches.animals > 0 && \"b'",
        'post.surface != """a" && text.matches.animals > 0 && "b"""',
        'post.surface == r"a"',
        "text.links > (0 - 1)",
        "text.links > 0 == true",
        "text.links > 1 + 1",
        "text.links > author.posts",
        "3 < text.links",
        "math.greatest(text.links) > 3",
        "size(text.domains) + 1 > 3",
    ],
)
def test_what_is_not_plain_rules_nothing_out(source: str, facts: dict[str, Fact]) -> None:
    assert comparisons_of(source, facts) == ()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(conditions, notes, st.sampled_from(["hello", "a zebra", "mango", "a zebra and a mango"]))
def test_a_rule_says_the_same_with_and_without_its_guard(
    tmp_path: Path, condition: str, note: str, text: str
) -> None:
    source = condition + note
    # In brackets the same condition has no part that is plain to see.
    rules = [
        {**rule("plain", source, labels=["x"]), "on_error": "review"},
        {**rule("whole", f"({source}\n)", labels=["x"]), "on_error": "review"},
    ]
    deciding = engine(tmp_path, rules=rules, lists=made_lists(tmp_path))
    hits = deciding.decide(case(text=text)).rule_hits
    plain, whole = ([hit for hit in hits if hit.rule == name] for name in ("plain", "whole"))
    assert [hit.errored for hit in plain] == [hit.errored for hit in whole]
    assert len(hits) == 2 * len(plain)


class CountingScanner(TextScanner):
    """Keeps the texts in which lists were searched."""

    def __init__(self) -> None:
        super().__init__(Lists(phrases={name: [word] for name, word in LISTS.items()}))
        self.searched: list[str] = []

    def matches(self, text: str, links: Sequence[Link]) -> Mapping[str, Sequence[Match]]:
        self.searched.append(text)
        return super().matches(text, links)


@pytest.mark.parametrize(
    ("condition", "searched"),
    [
        ("scores.spam > 0.5", []),
        ("text.words >= 2 && post.surface == 'feed'", []),
        ("text.matches.animals > 0", ["a zebra"]),
        ("text.matches.animals == 0", ["a zebra"]),
    ],
)
def test_a_text_is_searched_only_where_a_rule_asks_for_a_list(
    tmp_path: Path, condition: str, searched: list[str]
) -> None:
    scanner = CountingScanner()
    made = policy(
        tmp_path, rules=[rule("asks", condition, labels=["x"])], lists=made_lists(tmp_path)
    )
    PolicyEngine(replace(made, scanner=scanner)).decide(case(text="a zebra"))
    assert scanner.searched == searched
