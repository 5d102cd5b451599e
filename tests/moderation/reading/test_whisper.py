from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizerFast,
)

from moderation.media import Samples
from moderation.reading import ReaderUnavailableError
from moderation.reading.whisper import WhisperTranscriber

WORDS = ("hello", "there", "friend", "river")
SPECIAL = ("<|endoftext|>", "<|startoftranscript|>")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper of random weights that says one word again and again."""
    path = tmp_path_factory.mktemp("whisper")
    vocabulary = {word: place for place, word in enumerate((*SPECIAL, *WORDS))}
    config = WhisperConfig(
        vocab_size=len(vocabulary),
        num_mel_bins=80,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_target_positions=240,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    torch.manual_seed(1)
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = [0, 1, 2, 3, 4]
    model.save_pretrained(path)
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    fast = WhisperTokenizerFast(tokenizer_object=tokenizer, unk_token=SPECIAL[0])
    WhisperProcessor(WhisperFeatureExtractor(), fast).save_pretrained(path)
    return path


def noise(seconds: float) -> Samples:
    random = np.random.default_rng(0)
    return random.normal(0, 0.1, int(seconds * 16_000)).astype(np.float32)


def test_what_the_model_says_becomes_text(folder: Path) -> None:
    heard = WhisperTranscriber(folder).transcribe(noise(2))

    assert heard == "river" * heard.count("river") != ""


def test_a_long_sound_is_written_down_window_by_window(folder: Path) -> None:
    transcriber = WhisperTranscriber(folder)

    one, two = transcriber.transcribe(noise(30)), transcriber.transcribe(noise(31))

    assert two.count("river") == 2 * one.count("river")


def test_silence_is_no_speech(folder: Path) -> None:
    assert WhisperTranscriber(folder).transcribe(np.zeros(16_000, np.float32)) == ""


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderUnavailableError, match="no Whisper model"):
        WhisperTranscriber(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ReaderUnavailableError, match="cannot be loaded"):
        WhisperTranscriber(tmp_path)
