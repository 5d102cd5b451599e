"""Words in pictures and sounds, for the offline commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from moderation.reading import Readers
from workers.moderator.readers import load_readers
from workers.picture_reading import PictureReading


@dataclass(frozen=True, slots=True)
class Reading:
    """What the command line says of words in pictures and sounds."""

    pictures: PictureReading
    transcriber: Path | None

    def load(self, device: str) -> Readers:
        """The readers.

        Raises:
            StartError: one was asked for and cannot be had.
        """
        return load_readers(self.pictures, self.transcriber, device)
