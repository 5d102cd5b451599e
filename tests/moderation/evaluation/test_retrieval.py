"""Retrieval: ranks by cosine, ties shared, pieces that are alike count as right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import Row, evaluate_retrieval
from moderation.evaluation.retrieval import embed, retrieve
from moderation.model import MODALITIES, tiny_classifier
from schemas import Modality


def unit(*rows: tuple[float, float]) -> np.ndarray:
    vectors = np.array(rows)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def only_own(pairs: int) -> np.ndarray:
    return np.eye(pairs, dtype=bool)


def test_a_model_that_knows_all_pairs_is_always_right() -> None:
    vectors = unit((1, 0), (0, 1), (-1, 0))
    found = retrieve(vectors, vectors, only_own(3), bootstrap=20)
    assert found.accuracy_at_1 == found.mean_reciprocal_rank == found.pair_auroc == 1
    assert (found.accuracy_low, found.accuracy_high) == (1, 1)
    assert found.chance == pytest.approx(1 / 3)


def test_ranks_by_hand() -> None:
    queries = unit((1, 0), (0, 1))
    # Both queries see both candidates; the second one is nearest to the second candidate of both.
    candidates = unit((1, 1), (1, 0.1))
    found = retrieve(queries, candidates, only_own(2), bootstrap=20)
    # First query: (1, 0.1) is nearer, so its own is second. Second: (1, 1) is nearer, likewise.
    assert found.accuracy_at_1 == 0
    assert found.mean_reciprocal_rank == 0.5


def test_a_model_that_knows_nothing_is_at_chance() -> None:
    same = unit(*[(1, 1)] * 10)
    found = retrieve(same, same, only_own(10), bootstrap=20)
    assert found.accuracy_at_1 == pytest.approx(found.chance)
    assert found.pair_auroc == 0.5


def test_a_piece_like_the_own_one_is_right_too() -> None:
    queries, candidates = unit((1, 0), (0, 1), (1, 0)), unit((0, 1), (0, 1), (1, 0))
    alike = only_own(3)
    alike[0, 2] = alike[2, 0] = True
    assert retrieve(queries, candidates, alike, bootstrap=20).accuracy_at_1 == pytest.approx(
        # The second query shares its first place with a foreign piece of the same direction.
        (1 + 0.5 + 1) / 3
    )


@pytest.fixture
def posts(tmp_path: Path) -> list[Row]:
    draw = np.random.default_rng(1)
    rows = []
    for number in range(4):
        path = tmp_path / f"{number}.png"
        Image.fromarray(draw.integers(0, 256, (8, 8, 3)).astype(np.uint8)).save(path)
        rows.append(Row(str(number), text="word " * (1 + 20 * number) + "abcd"[number], image=path))
    return [*rows, Row("alone", text="nothing beside")]


def test_embeddings_are_unit_vectors_where_there_is_something(posts: list[Row]) -> None:
    vectors = embed(tiny_classifier(), posts)
    assert set(vectors) == set(MODALITIES)
    lengths = {modality: np.linalg.norm(v, axis=1) for modality, v in vectors.items()}
    assert lengths[Modality.TEXT] == pytest.approx(np.ones(5))
    assert lengths[Modality.IMAGE] == pytest.approx([1, 1, 1, 1, 0])
    assert lengths[Modality.AUDIO] == pytest.approx(np.zeros(5))


def test_both_ways_are_measured_for_modalities_that_come_together(posts: list[Row]) -> None:
    found = evaluate_retrieval(tiny_classifier(), posts, bootstrap=20)
    assert set(found) == {"text to image", "image to text"}
    assert found["text to image"].pairs == 4
    assert 0 <= found["text to image"].accuracy_at_1 <= found["text to image"].mean_reciprocal_rank


def test_posts_of_one_modality_have_nothing_to_retrieve(posts: list[Row]) -> None:
    assert evaluate_retrieval(tiny_classifier(), posts[-1:]) == {}
