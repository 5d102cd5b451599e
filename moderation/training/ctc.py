"""A loss that teaches the audio encoder words: spelling out what is spoken.

Connectionist temporal classification (Graves et al. 2006) needs no times of the letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from moderation.model import BLANK, LETTERS

_LATIN: Final = re.compile(r"[a-z]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SPELT: Final = re.compile(r"[a-z' ]+")
_SILENT: Final = re.compile(r"[\s.,!?;:\"()\-–—…“”]+")
_APOSTROPHES: Final = str.maketrans("’‘`", "'''")


def spell(transcript: str, *, spoken: bool = True) -> list[int] | None:
    """Letters of what is spoken, from 1; None where they are not known.

    Digits, links and emoji are read out in words that are not written here, so such a transcript
    would teach wrong letters. Sounds without words, and speech in another script, have no letters
    at all: the head learns to stay silent, where it would otherwise make something up.

    Args:
        transcript: of the sound.
        spoken: whether anything is said; without a transcript, False means a sound of no words.
    """
    plain = unicodedata.normalize("NFKD", transcript.lower().translate(_APOSTROPHES))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _SILENT.sub(" ", plain).strip()
    if not plain:
        return None if spoken else []
    if not _LATIN.search(plain) and _LETTER.search(plain):
        return []
    if not _SPELT.fullmatch(plain):
        return None
    return [LETTERS.index(letter) + 1 for letter in plain]


def letter_loss(scores: Tensor, lengths: Tensor, spelt: Sequence[Sequence[int] | None]) -> Tensor:
    """Mean loss over the sounds whose letters are known; 0 if there are none.

    The loss of a sound is that of one letter on average, or of one frame where nothing is said.

    Args:
        scores: log-odds of symbols, shape = (sounds, frames, symbols).
        lengths: int64, shape = (sounds,): real frames of each.
        spelt: as :func:`spell` gives them.
    """
    known = [(row, letters) for row, letters in enumerate(spelt) if letters is not None]
    if not known:
        return scores.new_zeros(())
    rows = [row for row, _ in known]
    wanted = torch.tensor([letter for _, letters in known for letter in letters])
    counts = torch.tensor([len(letters) for _, letters in known])
    losses = functional.ctc_loss(
        scores[rows].float().log_softmax(dim=-1).transpose(0, 1),
        wanted.to(scores.device, torch.int64),
        lengths[rows].cpu(),
        counts,
        blank=BLANK,
        reduction="none",
        zero_infinity=True,  # more letters than frames: spoken too fast to be told apart
    )
    # Silence has no letters to share its loss out to, but frames.
    shares = torch.where(counts > 0, counts, lengths[rows].cpu()).to(losses.device)
    return (losses / shares).mean()
