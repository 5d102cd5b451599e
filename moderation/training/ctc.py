"""An auxiliary loss that teaches the audio encoder words: spelling out what is spoken.

Connectionist temporal classification (Graves et al. 2006) needs no times of the letters. The head
is thrown away after training.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

LETTERS: Final = " abcdefghijklmnopqrstuvwxyz'"
BLANK: Final = 0  # CTC's own symbol; the letters follow

_SPELT: Final = re.compile(r"[a-z' ]+")
_SILENT: Final = re.compile(r"[\s.,!?;:\"()\-–—…“”]+")
_APOSTROPHES: Final = str.maketrans("’‘`", "'''")


def spell(transcript: str) -> list[int]:
    """Letters of what is spoken, from 1; none if it is not spoken as it is written.

    Digits, links, emoji and other scripts are read out in words that are not written here, so such
    a transcript would teach wrong letters.
    """
    plain = unicodedata.normalize("NFKD", transcript.lower().translate(_APOSTROPHES))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _SILENT.sub(" ", plain).strip()
    if not _SPELT.fullmatch(plain):
        return []
    return [LETTERS.index(letter) + 1 for letter in plain]


class CtcHead(nn.Module):
    """One linear layer from frames to letters.

    Args:
        width: of a frame.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letters = nn.Linear(width, len(LETTERS) + 1)

    def forward(self, frames: Tensor, lengths: Tensor, spelt: Sequence[list[int]]) -> Tensor:
        """Mean loss a letter over the sounds that have letters; 0 if none has.

        Args:
            frames: shape = (sounds, frames, width).
            lengths: int64, shape = (sounds,): real frames of each.
            spelt: as :func:`spell` gives them; an empty one does not count.
        """
        rows = [row for row, letters in enumerate(spelt) if letters]
        if not rows:
            return frames.new_zeros(())
        wanted = [torch.tensor(spelt[row]) for row in rows]
        scores = self.letters(frames[rows]).float().log_softmax(dim=-1)
        return functional.ctc_loss(
            scores.transpose(0, 1),
            torch.cat(wanted).to(frames.device),
            lengths[rows].cpu(),
            torch.tensor([len(letters) for letters in wanted]),
            blank=BLANK,
            zero_infinity=True,  # more letters than frames: spoken too fast to be told apart
        )


def transcribe(scores: Tensor) -> str:
    """The likeliest symbol of each frame, repeats and blanks taken out.

    Args:
        scores: of one sound's frames, shape = (frames, symbols).
    """
    symbols = torch.unique_consecutive(scores.argmax(dim=-1)).tolist()
    return "".join(LETTERS[symbol - 1] for symbol in symbols if symbol != BLANK)
