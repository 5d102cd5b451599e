"""One encoder a modality: a batch of texts, pictures or sounds in, a batch of vectors out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeVar

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from moderation.model.config import SAMPLE_RATE, AudioConfig, ImageConfig, TextConfig

# Pixels are brought to about zero mean and unit spread, as photographs have them.
PIXEL_MEAN, PIXEL_SPREAD = 0.45, 0.25

LOG_FLOOR = 1e-6  # power below which sound counts as silence; keeps the logarithm finite
POSITION_SPREAD = 0.02  # of learned positions at the start, as in BERT and ViT


Frames = TypeVar("Frames", int, Tensor)


class TextEncoder(nn.Module):
    """BERT, averaged over the real tokens."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.bert: nn.Module = BertModel(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
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
        """Encode (texts, tokens) ids into (texts, width)."""
        hidden = self.bert(ids, attention_mask=mask).last_hidden_state
        return masked_mean(hidden, mask.bool())


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


class ImageEncoder(nn.Module):
    """A convolutional stem and a small ViT; normalisation of the pixels is part of it."""

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        channels = (3, *config.stem)
        self.stem = nn.Sequential(*(_Stage(before, after) for before, after in pairwise(channels)))
        side = -(-config.size // 2 ** len(config.stem))  # a stride of two rounds up
        self.positions = nn.Parameter(torch.randn(side * side, config.width) * POSITION_SPREAD)
        self.transformer = transformer(
            config.width, config.layers, config.heads, config.feed_forward, config.dropout
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Encode uint8 (images, 3, size, size) into (images, width)."""
        normal = (pixels.float() / 255 - PIXEL_MEAN) / PIXEL_SPREAD
        patches = self.stem(normal).flatten(2).transpose(1, 2)  # (images, side², width)
        encoded: Tensor = self.transformer(patches + self.positions)
        return encoded.mean(dim=1)


class _Stage(nn.Module):
    """Halve the sides, then one residual convolution."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        )
        self.refine = nn.Sequential(
            nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after)
        )

    def forward(self, images: Tensor) -> Tensor:
        smaller = self.down(images)
        return torch.relu(smaller + self.refine(smaller))


class AudioEncoder(nn.Module):
    """Log-mel frames (10 ms), two convolutions that leave a frame every 40 ms, a transformer."""

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.hop = config.hop
        self.mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE,
            n_fft=config.window,
            hop_length=config.hop,
            n_mels=config.mels,
            pad_mode="constant",  # beyond its end a sound is silent, whether padded or not
        )
        self.first = nn.Conv1d(config.mels, config.width, 5, stride=2, padding=2)
        self.second = nn.Conv1d(config.width, config.width, 5, stride=2, padding=2)
        longest = _halved(_halved(config.max_samples // config.hop + 1))
        self.positions = nn.Parameter(torch.randn(longest, config.width) * POSITION_SPREAD)
        self.transformer = transformer(
            config.width, config.layers, config.heads, config.feed_forward, config.dropout
        )

    def forward(self, waveforms: Tensor, lengths: Tensor) -> Tensor:
        """Encode float32 (sounds, samples) of the given lengths into (sounds, width)."""
        hidden, frame_lengths = self.frames(waveforms, lengths)
        places = torch.arange(hidden.shape[1], device=hidden.device)
        return masked_mean(hidden, places[None, :] < frame_lengths[:, None])

    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """What is heard over time, a frame every 40 ms; for a loss over sequences such as CTC.

        Frames beyond a sound's own length are set to zero before each convolution, so that a sound
        is encoded alike alone and among longer ones.

        Args:
            waveforms: float32, shape = (sounds, samples).
            lengths: int64, shape = (sounds,): samples before the padding.

        Returns:
            Frames, shape = (sounds, frames, width), and how many of each sound's are real, int64,
            shape = (sounds,).
        """
        spectra = lengths // self.hop + 1
        frame_lengths = _halved(_halved(spectra))
        hidden = self.log_mel(waveforms)  # (sounds, mels, spectra)
        hidden = functional.gelu(self.first(hidden * _real(hidden, spectra)))
        hidden = functional.gelu(self.second(hidden * _real(hidden, _halved(spectra))))
        padding = ~_real(hidden, frame_lengths).squeeze(1)
        hidden = hidden.transpose(1, 2)  # (sounds, frames, width)
        hidden = hidden + self.positions[: hidden.shape[1]]
        return self.transformer(hidden, src_key_padding_mask=padding), frame_lengths

    def log_mel(self, waveforms: Tensor) -> Tensor:
        """Log-mel spectrum with the loudness taken out, shape = (sounds, mels, frames)."""
        with torch.autocast(waveforms.device.type, enabled=False):
            log_power = torch.log(self.mel(waveforms.float()) + LOG_FLOOR)
        level = log_power.amax(dim=(1, 2), keepdim=True)
        # The loudest point becomes 1 and what is 80 dB below it (18.4 nepers of power) about -1.
        return (log_power - level).clamp(min=-18.4) / 9.2 + 1


def _real(hidden: Tensor, frames: Tensor) -> Tensor:
    """True on the first frames of (sounds, channels, all frames); shape = (sounds, 1, all)."""
    places = torch.arange(hidden.shape[2], device=hidden.device)
    return (places[None, :] < frames[:, None]).unsqueeze(1)


def _halved(frames: Frames) -> Frames:
    """Frames that a convolution of stride two leaves."""
    return (frames + 1) // 2


def transformer(
    width: int, layers: int, heads: int, feed_forward: int, dropout: float
) -> nn.TransformerEncoder:
    """A stack of pre-norm self-attention layers over (batch, tokens, width)."""
    layer = nn.TransformerEncoderLayer(
        width, heads, feed_forward, dropout, activation="gelu", batch_first=True, norm_first=True
    )
    # Nested tensors are a prototype that pre-norm layers cannot use.
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)


def masked_mean(hidden: Tensor, real: Tensor) -> Tensor:
    """Average (batch, tokens, width) over the tokens where (batch, tokens) is true."""
    weight = real.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
