"""Spelling out what is spoken."""

from __future__ import annotations

import pytest
import torch

from moderation.training.ctc import LETTERS, CtcHead, spell, transcribe


def read(letters: list[int]) -> str:
    return "".join(LETTERS[letter - 1] for letter in letters)


@pytest.mark.parametrize(
    ("said", "spelt"),
    [
        ("Hello, World!", "hello world"),
        ("Don’t  stop – now.", "don't stop now"),
        ("café", "cafe"),
        ("call me at 9", ""),
        ("你真好", ""),
        ("so nice 😀", ""),
        ("  ", ""),
    ],
)
def test_only_what_is_spoken_as_written_is_spelt(said: str, spelt: str) -> None:
    assert read(spell(said)) == spelt


def test_the_head_learns_to_spell() -> None:
    torch.manual_seed(1)
    frames, lengths = torch.randn(2, 24, 8), torch.tensor([24, 20])
    spelt = [spell("good day"), spell("no")]
    head = CtcHead(8)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.3)
    losses = []
    for _ in range(150):
        loss = head(frames, lengths, spelt)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    assert transcribe(head.letters(frames[1, :20])) == "no"


def test_sounds_without_letters_have_no_loss() -> None:
    assert CtcHead(8)(torch.randn(2, 9, 8), torch.tensor([9, 9]), [[], []]).item() == 0


def test_speech_that_is_too_fast_for_the_frames_does_no_harm() -> None:
    frames = torch.randn(1, 3, 8, requires_grad=True)
    loss = CtcHead(8)(frames, torch.tensor([3]), [spell("far too many letters")])
    loss.backward()
    assert loss.item() == 0
    assert frames.grad is not None
    assert bool(torch.isfinite(frames.grad).all())
