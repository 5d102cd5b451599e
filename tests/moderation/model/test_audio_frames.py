"""Frames over time, as a loss over sequences needs them."""

from __future__ import annotations

import torch

from moderation.model import SAMPLE_RATE, tiny_classifier


def test_frames_of_a_sound_do_not_depend_on_its_company() -> None:
    encoder = tiny_classifier().audio_encoder
    sound = torch.randn(1, SAMPLE_RATE // 2) * 0.1
    padded = torch.zeros(2, SAMPLE_RATE)
    padded[0, : sound.shape[1]] = sound
    padded[1] = torch.randn(SAMPLE_RATE) * 0.1
    with torch.inference_mode():
        alone, length = encoder.frames(sound, torch.tensor([sound.shape[1]]))
        among, lengths = encoder.frames(padded, torch.tensor([sound.shape[1], SAMPLE_RATE]))
    assert int(lengths[0]) == int(length[0]) == alone.shape[1]
    torch.testing.assert_close(among[0, : int(length[0])], alone[0], atol=1e-4, rtol=1e-3)


def test_a_sound_is_the_mean_of_its_real_frames() -> None:
    encoder = tiny_classifier().audio_encoder
    sounds, lengths = torch.randn(2, SAMPLE_RATE) * 0.1, torch.tensor([SAMPLE_RATE // 4, 16_000])
    with torch.inference_mode():
        frames, real = encoder.frames(sounds, lengths)
        whole = encoder(sounds, lengths)
    for row in range(2):
        mean = frames[row, : int(real[row])].mean(dim=0)
        torch.testing.assert_close(whole[row], mean, atol=1e-5, rtol=1e-4)


def test_there_is_a_frame_every_40_milliseconds() -> None:
    encoder = tiny_classifier().audio_encoder
    with torch.inference_mode():
        frames, real = encoder.frames(torch.zeros(1, SAMPLE_RATE), torch.tensor([SAMPLE_RATE]))
    assert frames.shape[1] == int(real[0]) == 26  # both ends of 25 steps
