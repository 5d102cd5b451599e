"""Labelled texts become speech: a fair choice, voices of their own for the dev split."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import SAMPLE_RATE
from moderation.training import SpeechError
from moderation.training.speech import (
    CHINESE_SHARE,
    LANGUAGES,
    MAX_SECONDS,
    VARIANTS,
    choose_texts,
    speak_all,
    synthesise,
)

NEEDS_ESPEAK = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="needs the Debian package espeak-ng"
)


def posts() -> list[Row]:
    """Texts of every pool, more toxic ones than others."""
    kinds = [
        ("davidson", "en"),
        ("template_insults", "en"),
        ("cold", "zh"),
        ("template_hate", "zh"),
    ]
    rows = []
    for source, lang in kinds:
        for number in range(30):
            text = f"number {number} of many" if lang == "en" else "今天" + "很" * (number % 9 + 2)
            labels = {"toxicity": int(number % 3 > 0)}
            rows.append(
                Row(f"{source}{number}", text=text, labels=labels, lang=lang, source=source)
            )
    return rows


def test_the_choice_is_balanced_by_label_language_and_origin_and_repeats_for_a_seed() -> None:
    chosen = choose_texts(posts(), split=TRAIN, count=80, seed=1)
    assert len(chosen) == 80
    assert sum(row.labels["toxicity"] for row in chosen) == 40
    assert sum(row.lang == "zh" for row in chosen) == 80 * CHINESE_SHARE
    assert sum(row.source.startswith("template_") for row in chosen) == 40
    assert chosen == choose_texts(posts(), split=TRAIN, count=80, seed=1)
    assert chosen != choose_texts(posts(), split=TRAIN, count=80, seed=2)


def test_what_cannot_be_spoken_within_the_window_or_is_of_another_split_is_left_out() -> None:
    fit = Row("fit", text="good morning all", labels={"toxicity": 0}, lang="en", source="davidson")
    others = [
        Row("long", text="word " * 30, labels={"toxicity": 0}, lang="en", source="davidson"),
        Row("link", text="https://a.example", labels={"toxicity": 0}, lang="en", source="davidson"),
        Row("mute", text="good morning all", labels={"spam": 0}, lang="en", source="davidson"),
        Row(
            "french", text="bonjour tout le monde", labels={"toxicity": 0}, lang="fr", source="cold"
        ),
        Row(
            "dev",
            text="good evening all",
            labels={"toxicity": 0},
            lang="en",
            source="davidson",
            split=DEV,
        ),
    ]
    chosen = choose_texts([fit, *others], split=TRAIN, count=100, seed=1)
    assert {row.id for row in chosen} == {"fit"}


def test_no_voice_of_the_dev_split_speaks_in_training() -> None:
    assert not set(VARIANTS[TRAIN]) & set(VARIANTS[DEV])
    assert len(LANGUAGES["en"]) * len(VARIANTS[TRAIN]) > 50


@NEEDS_ESPEAK
def test_spoken_posts_keep_their_labels_and_say_what_is_spoken(tmp_path: Path) -> None:
    rows = choose_texts(posts(), split=TRAIN, count=8, seed=1)
    spoken = speak_all(rows, tmp_path / "speech", split=TRAIN, seed=1)
    assert [row.labels for row in spoken] == [row.labels for row in rows]
    assert [row.transcript for row in spoken] == [row.text for row in rows]
    assert {row.source for row in spoken} == {"speech_posts", "speech_template"}
    for row in spoken:
        assert row.text is None
        sound, rate = soundfile.read(row.audio or "")
        assert rate == SAMPLE_RATE
        assert 0.2 < len(sound) / rate <= MAX_SECONDS


@NEEDS_ESPEAK
def test_voices_differ_and_a_text_is_never_an_option() -> None:
    one, other = (
        synthesise("--help me please", voice=voice, speed=150, pitch=50)
        for voice in ("en-us", "en-us+f4")
    )
    assert float(np.abs(one).max()) == pytest.approx(0.8)
    assert one.shape != other.shape or not np.allclose(one, other, atol=0.01)


def test_a_missing_synthesiser_is_named_with_its_package() -> None:
    with pytest.raises(SpeechError, match="install the Debian package"):
        synthesise("hello", voice="en", speed=150, pitch=50, program="no-such-synthesiser")
