from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from moderation.inference import (
    Budgets,
    DeviceError,
    Scorer,
    WarmUpError,
)
from moderation.media import DecodedPost
from moderation.model import Classifier, ModelFolderError, ModelInputs, tiny_classifier
from moderation.scoring import PostScores
from schemas import CATEGORIES, Modality, NotScannedReason
from tests.moderation.inference.posts import mixed_posts, post

POISON_IDS = 29
"""Tokens of the poisoned text: the fragile classifier below fails on texts of this length."""


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(tiny_classifier(), "cpu")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="moderation.inference.isolation")


def assert_same(some: Sequence[PostScores], others: Sequence[PostScores], within: float) -> None:
    for one, other in zip(some, others, strict=True):
        assert one.post_id == other.post_id
        assert one.scores == pytest.approx(other.scores, abs=within)
        assert one.not_scanned == other.not_scanned
        for category in one.shares:
            assert one.shares[category] == pytest.approx(other.shares[category], abs=1e-2)


class Fragile(Classifier):
    """A real classifier that breaks on one kind of input, as a bug in a kernel would."""

    def __init__(self, trouble: str) -> None:
        whole = tiny_classifier()
        super().__init__(whole.config, whole.tokenizer)
        self.load_state_dict(whole.state_dict())
        self.trouble = trouble
        self.largest_batch = 0

    def encode_modality(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        self.largest_batch = max(self.largest_batch, inputs.size)
        if self.trouble == "memory" and inputs.size > 2:
            raise torch.OutOfMemoryError("out of memory")
        poisoned = torch.zeros(inputs.size, dtype=torch.bool)
        if modality is Modality.TEXT:
            poisoned = inputs.text_mask.sum(dim=1) == POISON_IDS
        if self.trouble == "raises" and poisoned.any():
            raise RuntimeError("cannot")
        if self.trouble == "images" and modality is Modality.IMAGE:
            raise RuntimeError("cannot")
        vectors = super().encode_modality(inputs, modality)
        if self.trouble == "nan":
            vectors[poisoned] = float("nan")
        return vectors


def poison(name: str = "poison", **more: int) -> DecodedPost:
    return post(name, " ".join("a" * (POISON_IDS - 2)), **more)


def test_scoring_together_is_scoring_alone(scorer: Scorer) -> None:
    posts = mixed_posts()

    assert_same(scorer.score(posts), [scorer.score([p])[0] for p in posts], within=1e-5)


def test_prepared_posts_are_smaller_and_scored_alike(scorer: Scorer) -> None:
    posts = [post("picture", images=2), post("text", "hello")]

    prepared = [scorer.prepare(one) for one in posts]

    assert {image.shape for one in prepared for image in one.images} == {(3, 32, 32)}
    assert_same(scorer.score(prepared), scorer.score(posts), within=1e-6)


def test_small_batches_give_what_large_ones_give(scorer: Scorer) -> None:
    frugal = Scorer(tiny_classifier(), "cpu", budgets=Budgets(40, 1, 16_000))

    assert_same(frugal.score(mixed_posts()), scorer.score(mixed_posts()), within=1e-5)


def test_bfloat16_is_close_to_float32(scorer: Scorer) -> None:
    half = Scorer(tiny_classifier(), "cpu", precision="bf16")

    for one, other in zip(half.score(mixed_posts()), scorer.score(mixed_posts()), strict=True):
        assert one.scores == pytest.approx(other.scores, abs=0.02)


def test_scores_are_those_of_the_classifier_itself(scorer: Scorer) -> None:
    from moderation.model import Sample, collate

    subject = post("p", "buy now", images=1, seconds=(0.8,))
    model = tiny_classifier()
    sample = Sample(text=subject.text, image=subject.images[0], audio=subject.audio[0])
    inputs = collate([sample], tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        expected = model(inputs).probabilities[0].tolist()

    (result,) = scorer.score([subject])

    assert list(result.scores.values()) == pytest.approx(expected, abs=1e-5)


def test_a_category_is_as_high_as_in_the_worst_picture(scorer: Scorer) -> None:
    several = post("p", "look", images=3)
    alone = [
        DecodedPost(f"p{number}", "look", images=(image,))
        for number, image in enumerate(several.images)
    ]

    (together,) = scorer.score([several])
    singles = scorer.score(alone)

    for category in CATEGORIES:
        highest = max(single.scores[category] for single in singles)
        assert together.scores[category] == pytest.approx(highest, abs=1e-5)


def test_harm_at_the_end_of_a_long_text_is_seen(scorer: Scorer) -> None:
    calm = post("calm", "a b c d e f g h i j " * 4)
    late = post("late", "a b c d e f g h i j " * 4 + "!!! ???")

    one, other = scorer.score([calm, late])

    assert one.not_scanned == other.not_scanned == ()
    assert one.scores != other.scores


def test_text_beyond_the_windows_is_reported_as_truncated(scorer: Scorer) -> None:
    (result,) = scorer.score([post("p", "word " * 500)])

    assert result.scores
    (gap,) = result.not_scanned
    assert (gap.modality, gap.index, gap.reason) == (
        Modality.TEXT,
        0,
        NotScannedReason.TRUNCATED,
    )
    assert gap.detail is not None
    assert gap.detail.startswith("the first 4 of ")


def test_text_in_an_unknown_script_is_not_passed_off_as_read(scorer: Scorer) -> None:
    foreign, mixed = scorer.score(
        [post("foreign", "สวัสดีตอนเช้า ทุกคน", images=1), post("mixed", "you are kind สวัสดี")]
    )

    (gap,) = foreign.not_scanned
    assert (gap.modality, gap.reason) == (Modality.TEXT, NotScannedReason.UNSUPPORTED)
    assert foreign.scores
    assert all(set(shares) == {Modality.IMAGE} for shares in foreign.shares.values())
    assert mixed.not_scanned == ()


def test_sound_beyond_the_windows_is_reported_at_its_place(scorer: Scorer) -> None:
    (result,) = scorer.score([post("p", seconds=(12.0, 12.5))])

    assert [(gap.index, gap.reason) for gap in result.not_scanned] == [
        (1, NotScannedReason.TRUNCATED)
    ]


@pytest.mark.parametrize("trouble", ["raises", "nan"])
def test_a_post_on_which_the_model_fails_harms_no_other(scorer: Scorer, trouble: str) -> None:
    posts = mixed_posts()
    posts.insert(3, poison())

    results = Scorer(Fragile(trouble), "cpu").score(posts)

    failed = results.pop(3)
    assert failed.scores == {}
    assert [(gap.modality, gap.reason) for gap in failed.not_scanned] == [
        (Modality.TEXT, NotScannedReason.MODEL_FAILED)
    ]
    assert_same(results, scorer.score(mixed_posts()), within=1e-5)


def test_the_rest_of_a_post_is_scored_when_one_modality_fails(scorer: Scorer) -> None:
    whole = poison(images=1)

    (result,) = Scorer(Fragile("raises"), "cpu").score([whole])

    (without_text,) = scorer.score([DecodedPost("poison", images=whole.images)])
    assert result.scores == pytest.approx(without_text.scores, abs=1e-5)
    assert [(gap.modality, gap.reason) for gap in result.not_scanned] == [
        (Modality.TEXT, NotScannedReason.MODEL_FAILED)
    ]


def test_failures_name_the_place_in_the_post() -> None:
    two = post("p", "hi", images=2)
    subject = DecodedPost("p", "hi", two.images, image_places=(1, 4))

    (result,) = Scorer(Fragile("images"), "cpu").score([subject])

    assert result.scores
    assert [(gap.modality, gap.index) for gap in result.not_scanned] == [
        (Modality.IMAGE, 1),
        (Modality.IMAGE, 4),
    ]


def test_out_of_memory_bisects_and_scores_everything(scorer: Scorer) -> None:
    model = Fragile("memory")
    posts = [post(f"p{number}", "hello " * (1 + number % 3)) for number in range(9)]

    results = Scorer(model, "cpu").score(posts)

    assert model.largest_batch > 2
    assert_same(results, scorer.score(posts), within=1e-5)


def test_a_fusion_that_fails_leaves_no_modality_unmentioned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("cannot")

    model = tiny_classifier()
    monkeypatch.setattr(model, "fuse", broken)

    (result,) = Scorer(model, "cpu").score([post("p", "hi", images=2)])

    assert result.scores == {}
    assert {(gap.modality, gap.index) for gap in result.not_scanned} == {
        (Modality.TEXT, 0),
        (Modality.IMAGE, 0),
        (Modality.IMAGE, 1),
    }


def test_warming_up_a_model_that_cannot_score_says_what_is_wrong() -> None:
    with pytest.raises(WarmUpError, match="image: the classifier failed on it"):
        Scorer(Fragile("images"), "cpu").warm_up()


def test_a_saved_model_scores_as_before(scorer: Scorer, tmp_path: Path) -> None:
    tiny_classifier().save_pretrained(tmp_path)

    loaded = Scorer(tmp_path, "cpu")

    assert loaded.version == scorer.version
    assert_same(loaded.score(mixed_posts()), scorer.score(mixed_posts()), within=1e-6)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="no model folder"):
        Scorer(tmp_path)


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "meta"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match="use auto"):
        Scorer(tiny_classifier(), name)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; none is visible")
def test_a_gpu_gives_what_the_cpu_gives(scorer: Scorer) -> None:
    gpu = Scorer(tiny_classifier(), "cuda")
    gpu.warm_up()

    for one, other in zip(gpu.score(mixed_posts()), scorer.score(mixed_posts()), strict=True):
        assert one.scores == pytest.approx(other.scores, abs=0.02)
