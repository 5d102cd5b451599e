"""Layers that several encoders and fusions are made of."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

POSITION_SPREAD = 0.02  # of learned positions at the start, as in BERT and ViT


def transformer(
    width: int, layers: int, heads: int, feed_forward: int, dropout: float
) -> nn.TransformerEncoder:
    """A stack of pre-norm self-attention layers over (batch, tokens, width)."""
    layer = nn.TransformerEncoderLayer(
        width, heads, feed_forward, dropout, activation="gelu", batch_first=True, norm_first=True
    )
    # Nested tensors are a prototype that pre-norm layers cannot use.
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)


class BidirectionalGru(nn.Module):
    """Gated recurrent units (Cho et al., 2014) that read a sequence from both ends.

    Args:
        width: of input and output; even, as each direction gives half of the output.
        layers: one on top of another.
        dropout: between layers.
    """

    def __init__(self, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.gru = nn.GRU(
            width, width // 2, layers, batch_first=True, dropout=between, bidirectional=True
        )

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Read (batch, tokens, width), of which the first `lengths` tokens are real.

        Returns:
            Same shape, float32; zeros beyond each length, so that padding is never read.
        """
        packed = pack_padded_sequence(
            hidden.float(), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        read, _ = pad_packed_sequence(
            self.gru(packed)[0], batch_first=True, total_length=hidden.shape[1]
        )
        return read


def masked_mean(hidden: Tensor, real: Tensor) -> Tensor:
    """Average (batch, tokens, width) over the tokens where (batch, tokens) is true."""
    weight = real.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
