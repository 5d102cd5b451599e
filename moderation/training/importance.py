"""Which attention heads and feed-forward units of a text encoder matter.

With posts: by how much the loss would change if one were taken away, to first order. For heads this
is Michel, Levy and Neubig, "Are Sixteen Heads Really Better than One?" (2019); for units Molchanov
et al., "Importance Estimation for Neural Network Pruning" (2019). Without posts: by their weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from moderation.evaluation import Row
from moderation.model import Classifier
from moderation.training.errors import TrainingError
from moderation.training.loss import masked_bce
from moderation.training.posts import Posts, batch_of

BATCH_COST: Final = 2048.0  # tokens


@dataclass(frozen=True, slots=True)
class Importance:
    """Of every layer; what is larger matters more.

    Attributes:
        heads: shape = (layers, heads).
        units: shape = (layers, feed-forward units).
    """

    heads: Tensor
    units: Tensor


def bert_layers(model: Classifier) -> list[Any]:
    """The layers of a BERT text encoder.

    Raises:
        TrainingError: the text encoder is of another kind.
    """
    bert = getattr(model.text_encoder, "bert", None)
    if bert is None:
        raise TrainingError("only a BERT text encoder can be pruned; this model has another kind")
    return list(bert.encoder.layer)


def importance_by_weight(model: Classifier) -> Importance:
    """Norm of what leads into a head or unit times the norm of what leads out of it."""
    heads, units = [], []
    for layer in bert_layers(model):
        into, out = layer.attention.self.value.weight, layer.attention.output.dense.weight
        count = model.config.text.heads
        heads.append(
            into.detach().unflatten(0, (count, -1)).flatten(1).norm(dim=1)
            * out.detach().T.unflatten(0, (count, -1)).flatten(1).norm(dim=1)
        )
        first, second = layer.intermediate.dense.weight, layer.output.dense.weight
        units.append(first.detach().norm(dim=1) * second.detach().norm(dim=0))
    return Importance(torch.stack(heads), torch.stack(units))


def importance_by_loss(model: Classifier, rows: Sequence[Row]) -> Importance:
    """Mean over posts of how much the loss depends on each head and unit.

    Args:
        model: in eval mode.
        rows: labelled posts; only those with text count.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: no row has both text and a label.
    """
    known = [row for row in rows if row.text and row.labels]
    if not known:
        raise TrainingError("no row has both text and labels to rank heads and units by")
    layers = bert_layers(model)
    posts = Posts(known, model)
    heads = [_Gate(layer.attention.output.dense, model.config.text.heads) for layer in layers]
    units = [_Gate(layer.output.dense, model.config.text.feed_forward) for layer in layers]
    try:
        for places in posts.batches(BATCH_COST):
            output = model(batch_of(posts.samples(places, model), model))
            # A plain mean would let the posts of large batches weigh less.
            loss = masked_bce(output.logits, posts.target[places].to(model.device)) * len(places)
            model.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types; it returns nothing
            for gate in (*heads, *units):
                gate.count()
    finally:
        for gate in (*heads, *units):
            gate.remove()
        model.zero_grad(set_to_none=True)
    return Importance(
        torch.stack([gate.total for gate in heads]) / len(known),
        torch.stack([gate.total for gate in units]) / len(known),
    )


class _Gate:
    """A gate of 1 on each group of a linear layer's inputs; sums its gradient's size over posts."""

    def __init__(self, layer: nn.Linear, groups: int) -> None:
        self._groups = groups
        self._seen: Tensor | None = None
        self.total = torch.zeros(groups)
        self._hook = layer.register_forward_pre_hook(self._keep)

    def _keep(self, _layer: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        self._seen = arguments[0]
        self._seen.retain_grad()

    def count(self) -> None:
        seen = self._seen
        if seen is None or seen.grad is None:
            raise TrainingError("the text encoder's layers did not run; is it a BERT encoder?")
        change = (seen.detach() * seen.grad).view(*seen.shape[:2], self._groups, -1)
        self.total += change.sum(dim=(1, 3)).abs().sum(dim=0).cpu()
        self._seen = None

    def remove(self) -> None:
        self._hook.remove()
