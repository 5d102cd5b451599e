"""Spelling out what is spoken."""

from __future__ import annotations

import pytest
import torch

from moderation.model import LETTERS, LetterHead, transcribe
from moderation.training.ctc import letter_loss, spell


def read(letters: list[int]) -> str:
    return "".join(LETTERS[letter - 1] for letter in letters)


@pytest.mark.parametrize(
    ("said", "spelt"),
    [
        ("Hello, World!", "hello world"),
        ("Don’t  stop – now.", "don't stop now"),
        ("café", "cafe"),
    ],
)
def test_what_is_spoken_as_written_is_spelt(said: str, spelt: str) -> None:
    assert read(spell(said) or []) == spelt


@pytest.mark.parametrize("said", ["call me at 9", "so nice 😀", "42", "  "])
def test_what_may_be_spoken_otherwise_is_not_spelt(said: str) -> None:
    assert spell(said) is None


def test_another_script_and_a_sound_without_words_are_silence() -> None:
    assert spell("你真好") == []
    assert spell("", spoken=False) == []


def test_the_head_learns_to_spell_and_to_be_silent() -> None:
    torch.manual_seed(1)
    frames, lengths = torch.randn(3, 24, 8), torch.tensor([24, 20, 24])
    spelt = [spell("good day"), spell("no"), []]
    head = LetterHead(8)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.3)
    losses = []
    for _ in range(150):
        loss = letter_loss(head(frames), lengths, spelt)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    assert transcribe(head(frames[1, :20])) == "no"
    assert not transcribe(head(frames[2]))


def test_sounds_without_known_letters_have_no_loss() -> None:
    assert letter_loss(torch.randn(2, 9, 28), torch.tensor([9, 9]), [None, None]).item() == 0


def test_speech_that_is_too_fast_for_the_frames_does_no_harm() -> None:
    scores = torch.randn(1, 3, 28, requires_grad=True)
    loss = letter_loss(scores, torch.tensor([3]), [spell("far too many letters")])
    loss.backward()
    assert loss.item() == 0
    assert scores.grad is not None
    assert bool(torch.isfinite(scores.grad).all())
