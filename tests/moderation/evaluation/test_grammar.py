"""Sentences with slots."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from moderation.evaluation.errors import EvaluationError
from moderation.evaluation.grammar import Grammar, read_grammar


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


def test_patterns_and_fillers_are_lists_or_blocks_of_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.yaml",
        """
slots:
  pet: [dog, cat]
groups:
  pets:
    labels: {spam: 1}
    patterns: |
      My {pet} is: fine

      #{pet} says "hi"
""",
    )
    grammar = read_grammar([path])
    assert grammar.slots == {"pet": ["dog", "cat"]}
    assert grammar.groups["pets"].patterns == ["My {pet} is: fine", '#{pet} says "hi"']
    assert grammar.groups["pets"].values == {"labels": {"spam": 1}}


def test_slots_are_filled_also_within_fillers() -> None:
    grammar = Grammar({"a": ["<{b}>"], "b": ["x"]}, {})
    assert grammar.expand("{a} and {b}", random.Random(1)) == "<x> and x"


def test_an_optional_slot_is_filled_at_times() -> None:
    grammar = Grammar({"a": ["x"]}, {})
    draw = random.Random(1)
    assert {grammar.expand("go {a?} on", draw) for _ in range(50)} == {"go x on", "go on"}


def test_a_written_line_break_becomes_one() -> None:
    assert Grammar({}, {}).expand("one\\ntwo", random.Random(1)) == "one\ntwo"


def test_later_files_may_use_the_slots_of_earlier_ones(tmp_path: Path) -> None:
    words = write(tmp_path, "words.yaml", "slots: {pet: [dog]}")
    topic = write(tmp_path, "topic.yaml", "groups: {pets: {patterns: ['{pet}']}}")
    assert read_grammar([words, topic]).expand("{pet}", random.Random(1)) == "dog"


def test_an_undefined_slot_is_named_with_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "groups: {pets: {patterns: ['my {pett}']}}")
    with pytest.raises(EvaluationError, match=r"a\.yaml: 'my \{pett\}' uses undefined .*pett"):
        read_grammar([path])


def test_a_group_defined_twice_is_refused(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, name, "groups: {pets: {patterns: [dog]}}") for name in ("a.yaml", "b.yaml")
    ]
    with pytest.raises(EvaluationError, match=r"b\.yaml: pets: defined elsewhere"):
        read_grammar(paths)
