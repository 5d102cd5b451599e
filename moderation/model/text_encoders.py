"""Text encoders: a batch of token ids in, a batch of vectors out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from moderation.model.architectures import fresh_encoder, width_of
from moderation.model.config import TextConfig, TextKind
from moderation.model.layers import BidirectionalGru, masked_mean


class TextEncoder(nn.Module, ABC):
    """What all text encoders have in common.

    Attributes:
        width: of the vectors.
        padding: the id that padding must have, where the encoder counts positions by it.
    """

    width: int
    padding: int | None = None

    @abstractmethod
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Encode int64 (texts, tokens) ids into (texts, width); the mask is 1 on real tokens."""


class BertEncoder(TextEncoder):
    """BERT, averaged over the real tokens."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.width = config.width
        self.bert: Any = BertModel(  # type: ignore[no-untyped-call]  # transformers ships it without types; it is a module
            BertConfig(
                vocab_size=config.vocab_size,
                hidden_size=config.width,
                num_hidden_layers=config.layers,
                num_attention_heads=(
                    config.width // config.head_width if config.head_width else config.heads
                ),
                intermediate_size=config.feed_forward,
                max_position_embeddings=config.max_tokens,
                hidden_dropout_prob=config.dropout,
                attention_probs_dropout_prob=config.dropout,
            ),
            add_pooling_layer=False,
        )
        if config.head_width:
            _narrow_attention(self.bert, config)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """See the base class."""
        real = mask.bool()
        hidden = _embedded(self.bert.embeddings, ids)
        for layer in self.bert.encoder.layer:
            hidden = _layer(layer, hidden, real[:, None, None, :])
        return masked_mean(hidden, real)


# BertModel's own forward asks whether anything is padding at all and leaves the mask out if not. A
# recorded graph would keep the answer of the one batch that it was recorded with.


def _embedded(embeddings: Any, ids: Tensor) -> Tensor:
    """Words, their places, and the first of BERT's two kinds of sentence."""
    words = embeddings.word_embeddings(ids) + embeddings.token_type_embeddings.weight[0]
    placed = words + embeddings.position_embeddings.weight[: ids.shape[1]]
    hidden: Tensor = embeddings.dropout(embeddings.LayerNorm(placed))
    return hidden


def _layer(layer: Any, hidden: Tensor, real: Tensor) -> Tensor:
    """A layer of BERT over (texts, tokens, width); the mask has shape (texts, 1, 1, tokens)."""
    attended = layer.attention.output(_attended(layer.attention.self, hidden, real), hidden)
    changed: Tensor = layer.output(layer.intermediate(attended), attended)
    return changed


def _attended(attention: Any, hidden: Tensor, real: Tensor) -> Tensor:
    """What the heads see, side by side, before they are mixed."""
    query, key, value = (
        part(hidden).unflatten(-1, (attention.num_attention_heads, -1)).transpose(1, 2)
        for part in (attention.query, attention.key, attention.value)
    )
    dropout = attention.dropout.p if attention.training else 0.0
    seen = functional.scaled_dot_product_attention(
        query, key, value, attn_mask=real, dropout_p=dropout
    )
    return seen.transpose(1, 2).flatten(2)


def _narrow_attention(bert: Any, config: TextConfig) -> None:
    """Give every layer the heads of a pruned encoder, which together are narrower than the model.

    BERT's own config can only say how many heads share the whole width.
    """
    inner = config.heads * config.head_width
    for layer in bert.encoder.layer:
        attention = layer.attention.self
        attention.num_attention_heads, attention.all_head_size = config.heads, inner
        for name in ("query", "key", "value"):
            setattr(attention, name, nn.Linear(config.width, inner))
        layer.attention.output.dense = nn.Linear(inner, config.width)


class RecurrentTextEncoder(TextEncoder):
    """Word pieces read from both ends, averaged: the baseline from before transformers."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.width = config.width
        self.words = nn.Embedding(config.vocab_size, config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.recurrence = BidirectionalGru(config.width, config.layers, config.dropout)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """See the base class."""
        words = self.dropout(self.words(ids))
        return masked_mean(self.recurrence(words, mask.sum(dim=1)), mask.bool())


class PretrainedTextEncoder(TextEncoder):
    """Any text encoder of ``transformers``, averaged over the real tokens."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.encoder = fresh_encoder("text", config.architecture)
        self.width = width_of("text", self.encoder.config)
        embeddings = getattr(self.encoder, "embeddings", None)
        # RoBERTa's kind counts positions from the first token that is not padding.
        self.padding = getattr(
            getattr(embeddings, "position_embeddings", None), "padding_idx", None
        )

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """See the base class."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return masked_mean(hidden, mask.bool())


_KINDS: Final = MappingProxyType[TextKind, Callable[[TextConfig], TextEncoder]](
    {
        "bert": BertEncoder,
        "recurrent": RecurrentTextEncoder,
        "pretrained": PretrainedTextEncoder,
    }
)


def build_text_encoder(config: TextConfig) -> TextEncoder:
    """The encoder that the configuration describes, with fresh weights."""
    return _KINDS[config.kind](config)
