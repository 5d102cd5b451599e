"""How posts are mixed, and that labels stay true."""

from __future__ import annotations

import random

import torch

from moderation.model import MODALITIES
from moderation.training.loss import UNKNOWN
from moderation.training.mixing import Encoded, add_company, drop_modalities, either
from schemas import Modality


def test_two_pieces_are_harmful_if_one_is_and_harmless_if_both_are() -> None:
    first = torch.tensor([1.0, 1.0, 0.0, 0.0, UNKNOWN])
    second = torch.tensor([0.0, UNKNOWN, 0.0, UNKNOWN, UNKNOWN])
    assert either(first, second).tolist() == [1.0, 1.0, 0.0, UNKNOWN, UNKNOWN]


def single_modality_rows(count: int) -> Encoded:
    """Rows 0.. have text, rows count.. an image, 2 * count.. sound; only images are harmful."""
    present = torch.eye(3, dtype=torch.bool).repeat_interleave(count, dim=0)
    vectors = {
        modality: present[:, place : place + 1].float().expand(-1, 2)
        for place, modality in enumerate(MODALITIES)
    }
    target = present[:, [MODALITIES.index(Modality.IMAGE)]].float()
    return Encoded(vectors, present, target)


def mixed(count: int = 200) -> Encoded:
    data = single_modality_rows(count)
    pools = [data.present[:, place].nonzero().flatten() for place in range(3)]
    rows = torch.arange(3 * count)
    return add_company(data, rows, pools, torch.Generator().manual_seed(1))


def test_company_brings_vector_and_label_of_the_guest() -> None:
    posts = mixed()
    for place, modality in enumerate(MODALITIES):
        has = posts.present[:, place].float()
        assert torch.equal(posts.vectors[modality][:, 0], has)
    image = posts.present[:, MODALITIES.index(Modality.IMAGE)]
    assert torch.equal(posts.target[:, 0] == 1, image)


def test_company_makes_every_combination_and_leaves_some_alone() -> None:
    combinations = {tuple(row) for row in mixed().present.tolist()}
    assert len(combinations) == 7


def test_nothing_is_taken_from_a_harmful_post() -> None:
    posts = mixed()
    dropped = drop_modalities(posts, random.Random(1))
    harmful = posts.target[:, 0] == 1
    assert torch.equal(dropped.present[harmful], posts.present[harmful])
    assert bool(dropped.present[~harmful].sum() < posts.present[~harmful].sum())
    assert bool(dropped.present.any(dim=1).all())
