"""Conditions that need a match are passed over without one, and nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from rules.engine.list_guards import needs_a_match
from tests.rules.making import case, engine, rule

LISTS = {"animals": "zebra", "fruits": "mango"}

atoms = st.sampled_from(
    [
        "text.matches.animals > 0",
        "text.matches.fruits > 0",
        "text.matches.animals == 0",
        "text.matches.animals >= 0",
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
notes = st.sampled_from(["", " // && text.matches.animals > 0 && true"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("text.matches.animals > 0", True),
        ("scores.spam > 0.5 && text.matches.animals > 0", True),
        ('post.surface == "message" && text.matches.animals > 0', True),
        ("text.matches.animals > 0 && (text.links > 0 || text.matches.fruits > 0)", True),
        ("text.matches.animals >= 0", False),
        ("text.matches.animals > 0 || true", False),
        ("true ? text.matches.animals == 0 && text.matches.fruits > 0 : true", False),
        ("!(text.matches.animals > 0)", False),
        ("[true, true && text.matches.animals > 0 && true][0]", False),
        ("true // && text.matches.animals > 0 && true", False),
        ('post.surface != "\\" && text.matches.animals > 0 && "', False),
        ("post.surface != 'a\" && text.matches.animals > 0 && \"b'", False),
        ('post.surface != """a" && text.matches.animals > 0 && "b"""', False),
        ("images.matches.animals > 0", False),
    ],
)
def test_only_a_plain_conjunction_needs_a_match(source: str, expected: object) -> None:
    assert needs_a_match(source) is expected


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
    event(f"needs a match: {needs_a_match(source)}")
    # In brackets the same condition has no guard that is plain to see.
    rules = [
        {**rule("plain", source, labels=["x"]), "on_error": "review"},
        {**rule("whole", f"({source}\n)", labels=["x"]), "on_error": "review"},
    ]
    for name, word in LISTS.items():
        (tmp_path / f"{name}.txt").write_text(word, encoding="utf-8")
    lists = {name: {"phrases": f"{name}.txt"} for name in LISTS}
    deciding = engine(tmp_path, rules=rules, lists=lists)
    hits = deciding.decide(case(text=text)).rule_hits
    plain, whole = ([hit for hit in hits if hit.rule == name] for name in ("plain", "whole"))
    assert [hit.errored for hit in plain] == [hit.errored for hit in whole]
    assert len(hits) == 2 * len(plain)
