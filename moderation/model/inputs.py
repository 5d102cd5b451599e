"""Posts to tensors: what of a batch is text, image and sound, and on which row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from moderation.model.config import SAMPLE_RATE, AudioConfig, ModelConfig
from moderation.model.errors import ModelInputError
from moderation.model.tokenizer import TextTokenizer

RGB_CHANNELS = 3
MIN_AUDIO_SECONDS = 0.1  # a shorter sound is padded: a convolution needs a few frames


@dataclass(frozen=True, slots=True)
class Sample:
    """One post, or one view of a longer one: at most one piece of each modality.

    Attributes:
        text: a string, or the token ids of one window of it.
        image: uint8, shape = (height, width, 3), or (3, size, size) as made by `prepare_image`.
        audio: float32 mono at 16 kHz in -1..1, shape = (samples,).
    """

    text: str | Sequence[int] | None = None
    image: npt.NDArray[np.uint8] | None = None
    audio: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class ModelInputs:
    """A batch. Each modality holds only the rows that have it, and says which those are.

    Attributes:
        size: posts in the batch.
        text_ids, text_mask: int64, shape = (texts, tokens).
        text_rows: int64, shape = (texts,): row of each text; likewise for the others.
        images: uint8, shape = (images, 3, size, size).
        audio: float32, shape = (sounds, samples).
        audio_lengths: int64, shape = (sounds,): samples before the padding.
    """

    size: int
    text_ids: Tensor
    text_mask: Tensor
    text_rows: Tensor
    images: Tensor
    image_rows: Tensor
    audio: Tensor
    audio_lengths: Tensor
    audio_rows: Tensor

    def to(self, device: torch.device | str) -> Self:
        """The same batch on another device; from pinned memory the copy does not block."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory, for copies that overlap with work."""
        return self._each(torch.Tensor.pin_memory)

    def tensors(self) -> Iterable[Tensor]:
        """Everything that takes memory."""
        return self._named_tensors().values()

    def _each(self, change: Callable[[Tensor], Tensor]) -> Self:
        changed: dict[str, Any] = {
            name: change(tensor) for name, tensor in self._named_tensors().items()
        }
        return dataclasses.replace(self, **changed)

    def _named_tensors(self) -> dict[str, Tensor]:
        return {
            field.name: value
            for field in dataclasses.fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }


def prepare_image(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Squash a picture to a square: a crop would leave its borders unseen.

    Args:
        pixels: uint8, shape = (height, width, 3).
        size: side of the square in pixels.

    Returns:
        uint8, shape = (3, size, size).

    Raises:
        ModelInputError: not an RGB picture.
    """
    if pixels.dtype != np.uint8 or pixels.shape[2:] != (RGB_CHANNELS,):
        raise ModelInputError(
            f"a picture must be uint8 of shape (height, width, 3), not {pixels.dtype} of "
            f"{pixels.shape}; decode it to RGB first"
        )
    square = Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


def audio_windows(
    waveform: npt.NDArray[np.float32], config: AudioConfig
) -> list[npt.NDArray[np.float32]]:
    """Cut a sound into pieces of at most ``max_seconds``; a remainder under 0.1 s is left out."""
    length = config.max_samples
    pieces = [waveform[at : at + length] for at in range(0, max(1, len(waveform)), length)]
    if len(pieces) > 1 and len(pieces[-1]) < MIN_AUDIO_SECONDS * SAMPLE_RATE:
        pieces.pop()
    return pieces


def collate(
    samples: Sequence[Sample], *, tokenizer: TextTokenizer, config: ModelConfig
) -> ModelInputs:
    """Make a batch. What is longer than the model's window is cut: window it before.

    Raises:
        ModelInputError: no samples, or a picture or sound of the wrong shape.
    """
    if not samples:
        raise ModelInputError("a batch needs at least one sample")
    texts = [(row, s.text) for row, s in enumerate(samples) if s.text is not None]
    images = [(row, s.image) for row, s in enumerate(samples) if s.image is not None]
    sounds = [(row, s.audio) for row, s in enumerate(samples) if s.audio is not None]
    text_ids, text_mask = _pad_texts([text for _, text in texts], tokenizer)
    audio, audio_lengths = _pad_audio([sound for _, sound in sounds], config.audio)
    return ModelInputs(
        size=len(samples),
        text_ids=text_ids,
        text_mask=text_mask,
        text_rows=_rows(texts),
        images=_stack_images([image for _, image in images], config.image.size),
        image_rows=_rows(images),
        audio=audio,
        audio_lengths=audio_lengths,
        audio_rows=_rows(sounds),
    )


def _rows(items: Sequence[tuple[int, object]]) -> Tensor:
    return torch.tensor([row for row, _ in items], dtype=torch.int64)


def _pad_texts(
    texts: Sequence[str | Sequence[int]], tokenizer: TextTokenizer
) -> tuple[Tensor, Tensor]:
    if not texts:
        nothing = torch.zeros(0, 1, dtype=torch.int64)
        return nothing, nothing
    return tokenizer.pad(
        [tokenizer.encode([text])[0] if isinstance(text, str) else text for text in texts]
    )


def _stack_images(images: Sequence[npt.NDArray[np.uint8]], size: int) -> Tensor:
    if not images:
        return torch.zeros(0, 3, size, size, dtype=torch.uint8)
    ready = [
        image if image.shape == (3, size, size) else prepare_image(image, size) for image in images
    ]
    return torch.from_numpy(np.stack(ready))


def _pad_audio(
    sounds: Sequence[npt.NDArray[np.float32]], config: AudioConfig
) -> tuple[Tensor, Tensor]:
    shortest = int(MIN_AUDIO_SECONDS * SAMPLE_RATE)
    if any(sound.ndim != 1 for sound in sounds):
        raise ModelInputError(
            "a sound must be mono: float32 of shape (samples,); mix it down first"
        )
    lengths = [min(max(len(sound), shortest), config.max_samples) for sound in sounds]
    padded = torch.zeros(len(sounds), max(lengths, default=shortest))
    for row, sound in enumerate(sounds):
        piece = torch.from_numpy(np.array(sound[: config.max_samples], dtype=np.float32))
        padded[row, : len(piece)] = piece
    return padded, torch.tensor(lengths, dtype=torch.int64)
