"""Pieces that belong together, for the joint space: within a post, and speech with its words."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from moderation.evaluation import Row
from moderation.model import MODALITIES, Classifier, Embeddings
from moderation.training.loss import contrastive_loss
from moderation.training.mixing import Encoded
from schemas import Modality


@dataclass(frozen=True, slots=True)
class Pairs:
    """Posts of just two modalities that belong together.

    Attributes:
        first, second: which two.
        posts: the vectors.
        groups: int64, shape = (pairs,): pairs of one group say the same (one text, many voices), so
            they are no negatives of each other.
    """

    first: Modality
    second: Modality
    posts: Encoded
    groups: Tensor

    def draw(self, count: int, draw: random.Random) -> Pairs:
        """At most so many of the pairs, at random."""
        chosen = draw.sample(range(len(self.posts)), min(count, len(self.posts)))
        rows = torch.tensor(chosen, dtype=torch.int64)
        return Pairs(self.first, self.second, self.posts.rows(rows), self.groups[rows])

    def to(self, device: torch.device) -> Pairs:
        """The same pairs on a device."""
        return Pairs(self.first, self.second, self.posts.to(device), self.groups.to(device))


def find_pairs(data: Encoded, rows: Sequence[Row], spoken: Tensor) -> list[Pairs]:
    """All pairs of a set of rows.

    Args:
        data: the rows after the encoders.
        rows: the same rows.
        spoken: vectors of the transcripts, as texts; zeros where a row has none; shape = (rows,
            width of the text encoder).
    """
    groups = torch.tensor(group_numbers(rows), dtype=torch.int64)
    found = []
    for first, second in combinations(MODALITIES, 2):
        both = torch.tensor([{first, second} <= set(row.modalities) for row in rows])
        posts = _only(data.rows(both.nonzero().flatten()), first, second)
        own = groups[both]
        if (first, second) == (Modality.TEXT, Modality.AUDIO):
            heard = torch.tensor([bool(row.transcript) for row in rows]) & ~both
            speech = data.rows(heard.nonzero().flatten())
            vectors = {**speech.vectors, Modality.TEXT: spoken[heard]}
            speech = _only(Encoded(vectors, speech.present, speech.target), first, second)
            posts, own = posts.joined(speech), torch.cat([own, groups[heard]])
        if len(posts) > 1:
            found.append(Pairs(first, second, posts, own))
    return found


def pair_losses(model: Classifier, pairs: Sequence[Pairs]) -> Mapping[str, Tensor]:
    """The contrastive loss of each two modalities, by name."""
    losses = {}
    for pair in pairs:
        joint = model.fuse(Embeddings(pair.posts.vectors, pair.posts.present)).joint
        losses[f"{pair.first}_{pair.second}"] = contrastive_loss(
            joint[pair.first],
            joint[pair.second],
            model.joint_scale,
            model.joint_bias,
            groups=pair.groups,
        )
    return losses


def group_numbers(rows: Sequence[Row]) -> list[int]:
    """A number a row; rows with the same words have the same."""
    numbers: dict[str, int] = {}
    keys = [row.transcript or row.text or row.id for row in rows]
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _only(data: Encoded, first: Modality, second: Modality) -> Encoded:
    """The same rows with just two modalities, which are taken to be present."""
    present = torch.tensor([modality in {first, second} for modality in MODALITIES])
    return Encoded(data.vectors, present.expand(len(data), -1), data.target)
