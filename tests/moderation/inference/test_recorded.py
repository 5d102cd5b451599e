"""Recorded graphs answer to the same bits as the classifier that was recorded."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.inference import SHIPPED_MODEL_DIR, Scorer
from moderation.inference.recorded import RecordedSteps, steps_of
from moderation.inference.steps import Steps
from moderation.media import DecodedPost
from moderation.model import (
    MODALITIES,
    PRESETS,
    SAMPLE_RATE,
    Classifier,
    Embeddings,
    ModelInputs,
    QuantisedClassifier,
    Sample,
    collate,
    tiny_classifier,
)
from schemas import Modality, NotScannedReason
from tests.moderation.inference.alarm import AlarmClassifier
from tests.moderation.inference.posts import mixed_posts, post
from tests.moderation.model.making import small, small_classifier

THREADS: Final = 4
ROUNDS: Final = 6
BATCHES: Final = settings(max_examples=25, deadline=None)

lengths = st.lists(st.integers(1, 128), min_size=1, max_size=12)
seeds = st.integers(0, 2**32 - 1)


class Both:
    """A classifier and its graphs."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.eager, self.recorded = Steps(classifier), RecordedSteps(classifier)

    def batch(self, samples: Sequence[Sample]) -> ModelInputs:
        return collate(samples, tokenizer=self.classifier.tokenizer, config=self.classifier.config)

    def assert_encode_alike(self, samples: Sequence[Sample], modality: Modality) -> None:
        inputs = self.batch(samples)
        with torch.inference_mode():
            exact = self.eager.encode(inputs, modality).float()
            assert torch.equal(self.recorded.encode(inputs, modality), exact)

    def assert_fuse_alike(self, embeddings: Embeddings) -> None:
        with torch.inference_mode():
            one, other = self.eager.fuse(embeddings), self.recorded.fuse(embeddings)
            shares = self.eager.shares(embeddings), self.recorded.shares(embeddings)
        assert torch.equal(one.probabilities, other.probabilities)
        assert torch.equal(*shares)
        assert one.mismatch.keys() == other.mismatch.keys()
        for pair, column in one.mismatch.items():
            assert torch.equal(column.nan_to_num(2.0), other.mismatch[pair].nan_to_num(2.0))


@pytest.fixture(scope="module", params=["int8", "fp32"])
def shipped(request: pytest.FixtureRequest) -> Both:
    model = Classifier.from_pretrained(SHIPPED_MODEL_DIR)
    return Both(QuantisedClassifier(model) if request.param == "int8" else model)


def texts(each: Sequence[int], seed: int) -> list[Sample]:
    random = np.random.default_rng(seed)
    return [Sample(text=random.integers(5, 15_000, tokens).tolist()) for tokens in each]


def sounds(samples: Sequence[int], seed: int) -> list[Sample]:
    random = np.random.default_rng(seed)
    return [
        Sample(audio=random.uniform(-0.3, 0.3, length).astype(np.float32)) for length in samples
    ]


def pictures(count: int, size: int, seed: int) -> list[Sample]:
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 3, size, size), dtype=np.uint8)
    return [Sample(image=one) for one in pixels]


def views(classifier: Classifier, rows: Sequence[Sequence[bool]], seed: int) -> Embeddings:
    """Random vectors of the modalities that each row has."""
    random, present = np.random.default_rng(seed), torch.tensor(rows)
    return Embeddings(
        {
            modality: torch.from_numpy(
                random.standard_normal(
                    (len(rows), classifier.embedding_width(modality)), dtype=np.float32
                )
            )
            * present[:, place, None]
            for place, modality in enumerate(MODALITIES)
        },
        present,
    )


@BATCHES
@given(each=lengths, seed=seeds)
def test_texts_of_any_number_and_length(shipped: Both, each: list[int], seed: int) -> None:
    shipped.assert_encode_alike(texts(each, seed), Modality.TEXT)


@BATCHES
@given(count=st.integers(1, 12), tokens=st.integers(1, 128), seed=seeds)
def test_texts_without_padding(shipped: Both, count: int, tokens: int, seed: int) -> None:
    shipped.assert_encode_alike(texts([tokens] * count, seed), Modality.TEXT)


@settings(max_examples=5, deadline=None)
@given(count=st.integers(1, 5), seed=seeds)
def test_pictures_of_any_number(shipped: Both, count: int, seed: int) -> None:
    size = shipped.classifier.config.image.size
    shipped.assert_encode_alike(pictures(count, size, seed), Modality.IMAGE)


@settings(max_examples=10, deadline=None)
@given(each=st.lists(st.integers(0, 5 * SAMPLE_RATE), min_size=1, max_size=5), seed=seeds)
def test_sounds_of_any_number_and_length_and_what_is_said_in_them(
    shipped: Both, each: list[int], seed: int
) -> None:
    samples = sounds(each, seed)
    shipped.assert_encode_alike(samples, Modality.AUDIO)
    inputs = shipped.batch(samples)
    with torch.inference_mode():
        vectors, said = shipped.recorded.hear(inputs)
        exact, words = shipped.eager.hear(inputs)
    assert torch.equal(vectors, exact)
    assert said == words


@BATCHES
@given(
    rows=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=40),
    seed=seeds,
)
def test_posts_of_any_number_and_modalities(
    shipped: Both, rows: list[tuple[bool, bool, bool]], seed: int
) -> None:
    shipped.assert_fuse_alike(views(shipped.classifier, rows, seed))


def test_a_text_has_the_same_vector_alone_and_beside_others(shipped: Both) -> None:
    samples = texts([7, 19, 19, 33], seed=1)
    with torch.inference_mode():
        together = shipped.recorded.encode(shipped.batch(samples), Modality.TEXT)
        for sample, row in zip(samples, together, strict=True):
            (alone,) = shipped.recorded.encode(shipped.batch([sample]), Modality.TEXT)
            # Sums differ in their order, and in int8 what lies between two levels is rounded.
            assert torch.allclose(alone, row, atol=0.05)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_architecture_is_recorded_as_far_as_it_can_be(preset: str) -> None:
    both = Both(small_classifier(small(preset)))
    samples = [
        Sample(text="good day", image=pixels.image, audio=sound.audio)
        for pixels, sound in zip(
            pictures(3, both.classifier.config.image.size, 1),
            sounds([8_000, 5_000, 2_000], 2),
            strict=True,
        )
    ]
    for modality in MODALITIES:
        both.assert_encode_alike(samples, modality)
    with torch.inference_mode():
        inputs = both.batch([Sample(text="a"), *samples])
        embeddings, exact = both.recorded.embed(inputs), both.classifier.encode(inputs)
    assert all(torch.equal(embeddings.vectors[m], exact.vectors[m]) for m in MODALITIES)
    assert torch.equal(embeddings.present, exact.present)
    rows = [(True, True, True), (True, False, False), (False, True, True)]
    both.assert_fuse_alike(views(both.classifier, rows, seed=3))


def test_threads_that_run_one_graph_at_once_get_the_bits_of_one() -> None:
    posts = mixed_posts()
    scorer = Scorer(QuantisedClassifier(tiny_classifier()), "cpu", precision="fp32", cache_bytes=0)
    scorer.warm_up()
    alone = scorer.score(posts)

    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(scorer.score, [posts] * ROUNDS))

    assert together == [alone] * ROUNDS


@pytest.mark.parametrize("in_int8", [True, False])
def test_a_scorer_answers_after_its_warm_up_as_before(*, in_int8: bool) -> None:
    model = QuantisedClassifier(tiny_classifier()) if in_int8 else tiny_classifier()
    scorer = Scorer(model, "cpu", precision="fp32", cache_bytes=0)
    posts = mixed_posts()
    before = scorer.score(posts)

    scorer.warm_up()

    assert scorer.score(posts) == before


def test_recording_leaves_the_model_as_it_was() -> None:
    model = tiny_classifier()
    version, names = model.version, set(model.state_dict())

    Scorer(model, "cpu", precision="fp32").warm_up()

    assert model.version == version
    assert set(model.state_dict()) == names
    model.train()
    inputs = collate([Sample(text="a")], tokenizer=model.tokenizer, config=model.config)
    model(inputs).logits.sum().backward()
    assert model.head_weight.grad is not None


def test_graphs_share_the_weights_of_their_model() -> None:
    model = tiny_classifier()
    steps = RecordedSteps(model)
    inputs = collate([Sample(text="a")], tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        before = steps.encode(inputs, Modality.TEXT)
        for parameter in model.text_encoder.parameters():
            parameter.mul_(1.5)
        after = steps.encode(inputs, Modality.TEXT)
        assert not torch.equal(after, before)
        assert torch.equal(after, Steps(model).encode(inputs, Modality.TEXT))


def test_a_class_of_its_own_and_autocast_are_not_recorded() -> None:
    assert type(steps_of(AlarmClassifier().eval(), bf16=False)) is Steps
    assert type(steps_of(tiny_classifier(), bf16=True)) is Steps
    assert type(steps_of(tiny_classifier(), bf16=False)) is RecordedSteps


def test_a_post_on_which_a_graph_raises_fails_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="moderation.inference.isolation")
    model = tiny_classifier()
    narrow = dataclasses.replace(model.config.text, max_tokens=30)
    model = Classifier(dataclasses.replace(model.config, text=narrow), model.tokenizer).eval()
    scorer = Scorer(model, "cpu")
    scorer.warm_up()

    # The tokeniser cuts windows of more tokens than this encoder has places for.
    fine, bad = scorer.score([post("fine", "hi"), post("bad", "a " * 30)])

    assert fine.scores
    assert [entry.reason for entry in bad.not_scanned] == [NotScannedReason.MODEL_FAILED]
    assert "Error" in (bad.not_scanned[0].detail or "")


def test_a_post_for_which_a_graph_gives_no_number_fails_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, logger="moderation.inference.isolation")
    scorer = Scorer(tiny_classifier(), "cpu")
    scorer.warm_up()
    broken = DecodedPost("bad", audio=(np.full(SAMPLE_RATE, np.nan, np.float32),))

    fine, bad = scorer.score([post("fine", "hello"), broken])

    assert fine.scores
    assert not bad.scores
    assert "NotFiniteError" in (bad.not_scanned[0].detail or "")
