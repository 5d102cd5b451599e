"""The precision that a scorer computes in, and how its version tells."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from moderation.inference import CPU_BUDGETS, DeviceError, Scorer
from moderation.inference.cache import EmbeddingCache, Encoding
from moderation.inference.cutting import cut_posts
from moderation.inference.engine import Engine
from moderation.inference.precision import in_precision, with_bf16_matrices
from moderation.model import Classifier, QuantisedClassifier, tiny_classifier
from tests.moderation.inference.posts import mixed_posts, post


def encoded(model: Classifier) -> list[Encoding]:
    """What the encoders say of mixed posts, in bfloat16."""
    engine = Engine(model, bf16=True, budgets=CPU_BUDGETS, cache=EmbeddingCache(0))
    cut = cut_posts(mixed_posts(), model.tokenizer, model.config)
    encodings = engine.encode([piece for post in cut for piece in post.all_pieces()])
    return [one for one in encodings if isinstance(one, Encoding)]


def test_int8_scores_about_as_fp32_under_a_version_of_its_own() -> None:
    posts = [post("a", "hello"), post("b", "你好", images=1, seconds=(0.5,))]
    exact = Scorer(tiny_classifier(), "cpu", precision="fp32")
    rough = Scorer(tiny_classifier(), "cpu", precision="int8")
    assert rough.version == f"{exact.version}+int8"
    for one, other in zip(exact.score(posts), rough.score(posts), strict=True):
        assert other.scores == pytest.approx(one.scores, abs=0.02)


def test_auto_on_a_cpu_is_int8_just_for_a_model_that_is_stored_so() -> None:
    model = tiny_classifier()
    assert Scorer(model, "cpu").version == model.version
    model.config = dataclasses.replace(model.config, storage="int8")
    assert Scorer(model, "cpu").version == f"{model.version}+int8"


def test_a_model_that_is_stored_in_int8_can_still_compute_in_fp32() -> None:
    model = tiny_classifier()
    model.config = dataclasses.replace(model.config, storage="int8")
    chosen, bf16 = in_precision(model, "fp32", torch.device("cpu"))
    assert not isinstance(chosen, QuantisedClassifier)
    assert not bf16


def test_int8_on_a_gpu_is_refused_with_what_to_do() -> None:
    with pytest.raises(DeviceError, match="use bf16, or device cpu"):
        in_precision(tiny_classifier(), "int8", torch.device("cuda"))


def test_matrices_kept_in_bfloat16_give_what_autocast_gives() -> None:
    model = tiny_classifier().eval()

    kept, rounded = encoded(with_bf16_matrices(model)), encoded(model)

    assert len(kept) == len(rounded) > 0
    for one, other in zip(kept, rounded, strict=True):
        assert torch.equal(one.vector, other.vector)


def test_bfloat16_leaves_the_model_that_it_was_given_as_it_was() -> None:
    model = tiny_classifier()
    before = model.version

    half = Scorer(model, "cpu", precision="bf16")

    assert model.version == before == half.version
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
