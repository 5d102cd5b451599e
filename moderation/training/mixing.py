"""Mixing posts of one modality into posts of several, with labels that stay true.

A post of one modality gets, at random, pictures and sounds of other posts, and is labelled with
what either of them is. So the fusion sees every combination of modalities, though hardly any public
set has one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from moderation.model import MODALITIES
from moderation.training.loss import UNKNOWN
from schemas import Modality

COMPANY: Final = 0.35  # chance that a post gets a modality it lacks from another post
DROPOUT: Final = 0.2  # chance that a post of several modalities loses one


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows after the encoders.

    Attributes:
        vectors: by modality, shape = (rows, width of its encoder); zeros where absent.
        present: bool, shape = (rows, modalities).
        target: shape = (rows, categories).
    """

    vectors: Mapping[Modality, Tensor]
    present: Tensor
    target: Tensor

    def __len__(self) -> int:
        return len(self.target)

    def rows(self, chosen: Tensor) -> Encoded:
        """Some of the rows, shape of `chosen` = (rows wanted,)."""
        return Encoded(
            {modality: vectors[chosen] for modality, vectors in self.vectors.items()},
            self.present[chosen],
            self.target[chosen],
        )

    def joined(self, other: Encoded) -> Encoded:
        """These rows, then those."""
        return Encoded(
            {m: torch.cat([own, other.vectors[m]]) for m, own in self.vectors.items()},
            torch.cat([self.present, other.present]),
            torch.cat([self.target, other.target]),
        )

    def to(self, device: torch.device) -> Encoded:
        """The same rows on a device."""
        vectors = {modality: vectors.to(device) for modality, vectors in self.vectors.items()}
        return Encoded(vectors, self.present.to(device), self.target.to(device))


def add_company(
    data: Encoded, rows: Tensor, pools: Sequence[Tensor], generator: torch.Generator
) -> Encoded:
    """Give posts, at random, a modality that they lack, from a post that has just that one.

    Args:
        data: all rows.
        rows: which to start from, shape = (batch,).
        pools: by modality, the rows that have it.
        generator: of the draw.
    """
    batch = data.rows(rows)
    vectors, present, target = dict(batch.vectors), batch.present.clone(), batch.target
    for place, modality in enumerate(MODALITIES):
        alone = pools[place][data.present[pools[place]].sum(dim=1) == 1]
        if not len(alone):
            continue
        wanted = torch.rand(len(rows), generator=generator) < COMPANY
        joined = wanted & ~present[:, place] & present.any(dim=1)
        guests = alone[torch.randint(len(alone), (len(rows),), generator=generator)]
        vectors[modality] = torch.where(
            joined[:, None], data.vectors[modality][guests], vectors[modality]
        )
        target = torch.where(joined[:, None], either(target, data.target[guests]), target)
        present[:, place] |= joined
    return Encoded(vectors, present, target)


def either(first: Tensor, second: Tensor) -> Tensor:
    """Labels of two pieces together: 1 if one has it, 0 if neither has, else unknown."""
    both_known = (first >= 0) & (second >= 0)
    positive = (first == 1) | (second == 1)
    return torch.where(positive, 1.0, torch.where(both_known, 0.0, UNKNOWN))


def drop_modalities(data: Encoded, draw: random.Random) -> Encoded:
    """Take one modality, at random, from some of the posts that came with several and no label 1.

    A harmless post stays harmless whatever is taken from it; of a harmful one nobody knows where
    the harm was, so its labels would no longer be true.
    """
    present = data.present.clone()
    harmless = ~(data.target == 1).any(dim=1)
    for row in ((present.sum(dim=1) > 1) & harmless).nonzero().flatten().tolist():
        if draw.random() < DROPOUT:
            present[row, draw.choice(present[row].nonzero().flatten().tolist())] = False
    return Encoded(data.vectors, present, data.target)


def anchors(pools: Sequence[Tensor], generator: torch.Generator) -> Tensor:
    """Rows to start from in an epoch: small modalities again and again, up to a fair share.

    Args:
        pools: by modality, the rows that have it.
        generator: of the draw.
    """
    sizes = sorted(len(pool) for pool in pools)
    least = 2 * sizes[-2] if len(sizes) > 1 else sizes[-1]
    drawn = []
    for pool in pools:
        if len(pool):
            extra = max(0, least - len(pool))
            repeated = pool[torch.randint(len(pool), (extra,), generator=generator)]
            drawn += [pool, repeated]
    together = torch.cat(drawn)
    return together[torch.randperm(len(together), generator=generator)]
