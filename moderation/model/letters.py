"""Spelling out what is spoken: a head over an audio encoder's frames.

Connectionist temporal classification (Graves et al. 2006): every frame says a letter or nothing.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

LETTERS: Final = " abcdefghijklmnopqrstuvwxyz'"
BLANK: Final = 0  # CTC's own symbol; the letters follow
SYMBOLS: Final = len(LETTERS) + 1

MIN_LETTERS: Final = 6
"""Of a sound, spaces left out, to be read as words. Noise, music and speech in other languages
leave a stray letter or two; the shortest insults have more."""


class LetterHead(nn.Linear):
    """One linear layer from frames to the log-odds of symbols.

    Args:
        width: of a frame.
    """

    def __init__(self, width: int) -> None:
        super().__init__(width, SYMBOLS)


def transcribe(scores: Tensor) -> str:
    """The likeliest symbol of each frame, repeats and blanks taken out.

    Args:
        scores: of one sound's frames, shape = (frames, symbols).
    """
    symbols = torch.unique_consecutive(scores.argmax(dim=-1)).tolist()
    return "".join(LETTERS[symbol - 1] for symbol in symbols if symbol != BLANK)


def enough_said(transcript: str) -> bool:
    """Whether a transcript is worth reading; see :data:`MIN_LETTERS`."""
    return len(transcript.replace(" ", "")) >= MIN_LETTERS
