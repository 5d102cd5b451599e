"""The ports to whatever reads pictures and hears words."""

from __future__ import annotations

from typing import Protocol

from moderation.media import Pixels, Samples


class PictureReader(Protocol):
    """Finds text in pictures. Blocking; several threads may call it at once."""

    @property
    def name(self) -> str:
        """Of the program and its models, for logs and metrics."""
        ...

    def read(self, pixels: Pixels) -> str:
        """The text in a picture, a line a line, from top to bottom; empty if there is none.

        Raises:
            Exception: it could not be read; never an empty answer instead.
        """
        ...


class Transcriber(Protocol):
    """Writes down what is said in a sound. Blocking; several threads may call it at once."""

    @property
    def name(self) -> str:
        """Of the model, for logs and metrics."""
        ...

    def transcribe(self, samples: Samples) -> str:
        """The words in a sound; empty if there are none.

        Raises:
            Exception: it could not be transcribed; never an empty answer instead.
        """
        ...
