"""How much the encoders were given to do, and how much of it was padding."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.model import MODALITIES
from schemas import Modality


@dataclass(slots=True)
class EncoderWork:
    """What one encoder has worked on so far.

    ``content`` and ``padding`` are in the unit of :attr:`Piece.length`: tokens of texts, pictures,
    samples of sounds. ``bytes`` are those of the tensors that were sent to the device.
    """

    batches: int = 0
    pieces: int = 0
    content: int = 0
    padding: int = 0
    bytes: int = 0


class WorkCounts:
    """Counts what several threads may do at once."""

    def __init__(self) -> None:
        self._of = {modality: EncoderWork() for modality in MODALITIES}
        self._lock = threading.Lock()

    def count(self, modality: Modality, lengths: Sequence[int], size: int) -> None:
        """A batch of pieces of these lengths, ``size`` bytes of tensors."""
        work = self._of[modality]
        content = sum(lengths)
        with self._lock:
            work.batches += 1
            work.pieces += len(lengths)
            work.content += content
            work.padding += len(lengths) * max(lengths) - content
            work.bytes += size

    def so_far(self) -> Mapping[Modality, EncoderWork]:
        """By modality."""
        with self._lock:
            return {modality: replace(work) for modality, work in self._of.items()}
