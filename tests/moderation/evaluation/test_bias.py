"""Sentences with identities, dialects and languages exchanged."""

from __future__ import annotations

from collections import Counter

import pytest

from moderation.evaluation.bias import BiasReport, BiasSlice, measure_bias, probes
from moderation.model import tiny_classifier


def test_identities_are_many_and_each_stands_in_the_same_sentences() -> None:
    for axis in ("identity en", "identity zh"):
        asked = [probe for probe in probes() if probe.axis == axis]
        frames: dict[str, Counter[tuple[str, bool]]] = {}
        for probe in asked:
            frame = probe.text.lower().replace(probe.slice.lower(), "_")
            frames.setdefault(probe.slice, Counter())[frame, probe.harmful] += 1
        assert len(frames) >= 25
        first, *others = frames.values()
        assert all(frame == first for frame in others)


def test_no_sentence_has_an_open_slot() -> None:
    assert not [probe.text for probe in probes() if "{" in probe.text]


@pytest.mark.parametrize("axis", ["dialect", "language"])
def test_dialects_and_languages_say_the_same_number_of_things(axis: str) -> None:
    asked = Counter((p.slice, p.harmful) for p in probes() if p.axis == axis)
    assert len({name for name, _ in asked}) >= 2
    assert len(set(Counter({n: asked[n, False] for n, _ in asked}).values())) == 1


def test_both_languages_hold_harmful_sentences_to_be_found() -> None:
    harmful = Counter(p.slice for p in probes() if p.axis == "language" and p.harmful)
    assert harmful == {"en": 5, "zh": 5}


def part(name: str, rate: float, recall: float | None) -> BiasSlice:
    return BiasSlice("dialect", name, "hate", 0.1, rate, None, recall)


def test_the_gap_lies_between_the_best_and_the_worst_slice() -> None:
    report = BiasReport(0.5, [part("a", 0.1, 0.9), part("b", 0.4, 0.7), part("c", 0.2, None)])
    assert report.gap("dialect", "hate") == pytest.approx(0.3)
    assert report.gap("dialect", "hate", "recall") == pytest.approx(0.2)
    assert report.worst_gap == pytest.approx(0.3)


def test_a_threshold_that_all_reach_flags_everything() -> None:
    (report,) = measure_bias(tiny_classifier(), thresholds=[0.0], categories=["toxicity"])
    assert {each.false_positive_rate for each in report.slices} == {1.0}
    assert {each.recall for each in report.slices} == {1.0, None}
    assert report.worst_gap == 0


def test_a_threshold_that_none_reaches_flags_nothing() -> None:
    (report,) = measure_bias(tiny_classifier(), thresholds=[1.1], categories=["hate", "toxicity"])
    assert report.categories == ("hate", "toxicity")
    assert {each.false_positive_rate for each in report.slices} == {0.0}
