from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from moderation.inference import Explanation, WordWeight
from moderation.media import DecodedPost
from moderation.scoring import PostScores
from schemas import Modality, Place
from workers.cli import build_app
from workers.offline.explanation_page import NO_CHINESE_FONT, draw_explanation, missing_font
from workers.offline.fonts import Fonts, find_fonts
from workers.offline.heat import AGAINST, FOR, colour_of

PLAIN = Fonts(None, None, 0, has_chinese=False)


def run(*options: object) -> Result:
    return CliRunner().invoke(build_app(), ["explain", *map(str, options)], catch_exceptions=False)


def write_post(folder: Path, **content: Any) -> Path:
    created = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    given = {"post_id": "a:b/c", "author_id": "author", "created_at": created, **content}
    path = folder / "post.json"
    path.write_text(json.dumps(given, indent=2), encoding="utf-8")
    return path


def test_a_post_is_explained_in_numbers_and_as_a_picture(
    folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    source = write_post(
        folder,
        text="you are 笨蛋",
        images=[{"key": "media/photo.png"}],
        audio=[{"key": "media/voice.wav"}],
    )

    result = run(
        source, "-o", tmp_path / "out", "--model", tiny_model, "--category", "hate",
        "--read-pictures", "off",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [word["text"] for word in answer["words"]] == ["you", "are", "笨蛋"]
    assert np.shape(answer["images"][0]["weights"]) == (8, 8)
    assert len(answer["audio"][0]["weights"]) * answer["audio"][0]["seconds_a_step"] == 1.0
    assert sum(answer["shares"]["hate"].values()) == pytest.approx(1, abs=1e-3)
    assert answer["picture"] == str(tmp_path / "out" / "a_b_c.hate.png")
    with Image.open(answer["picture"]) as page:
        assert page.format == "PNG"
        assert page.width > 1000


def test_what_cannot_be_explained_is_said_in_a_line(folder: Path, tiny_model: Path) -> None:
    empty = run(write_post(folder, text=" "), "--model", tiny_model, "--read-pictures", "off")
    other = run(
        write_post(folder, text="hi"), "--model", tiny_model, "--category", "weather",
        "--read-pictures", "off",
    )  # fmt: skip
    absent = run(folder / "nothing.json")

    assert (empty.exit_code, other.exit_code, absent.exit_code) == (2, 2, 2)
    assert "nothing of the post could be scored" in empty.stderr
    assert "does not score 'weather'" in other.stderr
    assert "cannot be read" in absent.stderr


def test_the_words_are_drawn_on_their_colours() -> None:
    scores = PostScores(
        "p", {"hate": 0.9}, {"hate": {"text": 1.0}}, places={"hate": Place(modality=Modality.TEXT)}
    )
    words = (WordWeight(0, 3, 2.0), WordWeight(4, 7, -2.0))
    explanation = Explanation("hate", scores, words, (), (), (), ())

    page = draw_explanation(explanation, DecodedPost("p", "one two"), "model@1", find_fonts())

    found = {colour for _, colour in page.getcolors(maxcolors=1 << 24)}
    assert {colour_of(2.0, 2.0), colour_of(-2.0, 2.0)} <= found
    assert colour_of(0.0, 2.0) == (255, 255, 255)
    assert FOR[0] > AGAINST[0]


def test_a_machine_without_a_chinese_font_says_so() -> None:
    assert missing_font(DecodedPost("p", "你好"), PLAIN) == NO_CHINESE_FONT
    assert missing_font(DecodedPost("p", "hello"), PLAIN) is None
