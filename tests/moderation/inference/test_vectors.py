"""A post's vectors are near to those of like posts, by whichever numbers they were computed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
import torch

from moderation.inference import EMBEDDING_TOLERANCE, Precision, Scorer
from moderation.inference.vectors import VECTOR_WIDTH, ViewVectors
from moderation.media import DecodedPost, MediaLimits, decode_audio, decode_image
from moderation.model import Classifier, tiny_classifier
from schemas import Modality, Post
from tests.moderation.inference.posts import mixed_posts, post
from workers.demo.sample_posts import SAMPLES_DIR

Vectors = npt.NDArray[np.float32]

SAMPLES: Final = 12
"""Enough for texts of several lengths and languages, pictures and sounds."""


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(tiny_classifier(), "cpu")


def vectors(scorer: Scorer, posts: list[DecodedPost]) -> list[Vectors]:
    found = [scores.embeddings for scores in scorer.score(posts, embed=True)]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


def apart(one: Vectors, other: Vectors) -> float:
    return float(1 - (one * other).sum(axis=1).min())


def test_a_post_has_a_unit_vector_for_each_of_its_views(scorer: Scorer) -> None:
    posts = [post("text", "hello"), post("gallery", "three", images=3)]
    one, three = vectors(scorer, posts)
    assert (one.shape, three.shape) == ((1, VECTOR_WIDTH), (3, VECTOR_WIDTH))
    assert np.linalg.norm(three, axis=1) == pytest.approx(1, abs=1e-5)


def test_nobody_gets_vectors_who_did_not_ask(scorer: Scorer) -> None:
    assert [scores.embeddings for scores in scorer.score(mixed_posts())] == [None] * 8


def test_a_post_without_anything_to_look_at_has_no_row(scorer: Scorer) -> None:
    (none,) = vectors(scorer, [DecodedPost("p")])
    assert len(none) == 0


def test_a_vector_depends_on_the_post_alone(scorer: Scorer) -> None:
    together = vectors(scorer, mixed_posts())
    alone = [vectors(scorer, [one])[0] for one in mixed_posts()]
    for one, other in zip(together, alone, strict=True):
        assert apart(one, other) == pytest.approx(0, abs=1e-5)


def test_posts_that_share_a_part_are_nearer_than_strangers(scorer: Scorer) -> None:
    both, same_picture, stranger = vectors(
        scorer,
        [
            post("both", "hello", images=1, seed=1),
            post("same", "quite another text", images=1, seed=1),
            post("stranger", seconds=(0.5,)),
        ],
    )
    assert apart(both, same_picture) < apart(both, stranger)


def test_the_projection_never_changes() -> None:
    """Banks hold vectors that were made by it."""

    class Narrow(Classifier):
        def embedding_width(self, modality: Modality) -> int:
            del modality
            return 5

    model = tiny_classifier()
    model.__class__ = Narrow
    (row,) = ViewVectors(model).of([{Modality.TEXT: torch.eye(5)[0]}])
    assert row[:4] == pytest.approx([0.1101, 0.06422, 0.07184, 0.11792], abs=1e-5)


def sample_posts() -> list[DecodedPost]:
    """Every eighth of the demo's posts."""
    lines = (SAMPLES_DIR / "posts.jsonl").read_text("utf-8").splitlines()
    posts = [Post.from_bytes(line.encode()) for line in lines[:: len(lines) // SAMPLES]]
    limits = MediaLimits()
    return [
        DecodedPost(
            one.post_id,
            one.text,
            images=tuple(
                decode_image((SAMPLES_DIR / medium.key).read_bytes(), limits).pixels
                for medium in one.images
                if medium.key
            ),
            audio=tuple(
                decode_audio((SAMPLES_DIR / medium.key).read_bytes(), limits).samples
                for medium in one.audio
                if medium.key
            ),
        )
        for one in posts
    ]


@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_vectors_of_the_shipped_model_fit_banks_that_were_filled_by_fp32(
    precision: Precision,
) -> None:
    exact, rough = Scorer(device="cpu", precision="fp32"), Scorer(device="cpu", precision=precision)
    assert rough.encoder == exact.encoder
    posts = sample_posts()
    assert any(one.images for one in posts)
    assert any(one.audio for one in posts)
    for one, other in zip(vectors(exact, posts), vectors(rough, posts), strict=True):
        assert apart(one, other) < EMBEDDING_TOLERANCE
