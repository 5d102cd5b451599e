"""The bank commands work on a folder of banks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner, Result

from workers.cli import build_app


def _run(*words: object) -> Result:
    return CliRunner().invoke(build_app(), ["banks", *map(str, words)])


def _picture(path: Path) -> Path:
    pixels = np.random.default_rng(3).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(pixels).resize((200, 160), Image.Resampling.BICUBIC).save(path)
    return path


def test_a_banked_picture_is_matched_mirrored(tmp_path: Path) -> None:
    picture = _picture(tmp_path / "a.png")
    added = _run(
        "add", tmp_path / "banks/memes", "--entry", "m1", "--image", picture, "--kind", "pdq"
    )
    assert added.output == "memes: m1 added, 8 rows\n"
    mirrored = tmp_path / "b.png"
    with Image.open(picture) as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    (line,) = _run("match", tmp_path / "banks", "--image", mirrored).output.splitlines()
    assert json.loads(line)["entry"] == "m1"


def test_a_list_is_imported_judged_counted_and_exported(tmp_path: Path) -> None:
    bank, source, target = tmp_path / "banks/sounds", tmp_path / "list.csv", tmp_path / "out.csv"
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"RIFF")
    assert _run("add", bank, "--entry", "own", "--audio", sound, "--kind", "audio").exit_code == 0
    source.write_text(f"{'ab' * 32},x,,\n")
    assert "1 entries taken in" in _run("import", bank, source).output
    assert _run("judge", bank, "x", "--deny", "--by", "reviewer").exit_code == 0
    (line,) = _run("stats", tmp_path / "banks").output.splitlines()
    assert {**json.loads(line), "rows": 2, "entries": 1, "denied": 1} == json.loads(line)
    assert "1 rows" in _run("export", bank, target).output
    assert "own" in target.read_text()


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    result = _run("stats", tmp_path / "nowhere")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert (
        _run("add", tmp_path / "b", "--entry", "e", "--kind", "pdq", "--text", "x").exit_code == 1
    )


def test_a_text_is_matched_with_small_edits_after_the_bank_was_compacted(tmp_path: Path) -> None:
    bank = tmp_path / "banks/scams"
    text = "Join our channel today and double your coins within a week, guaranteed, ask me how!"
    assert _run("add", bank, "--entry", "s1", "--text", text, "--kind", "near_text").exit_code == 0
    assert _run("compact", bank).output == "scams: 1 entries in the base\n"
    (line,) = _run("match", tmp_path / "banks", "--text", text.upper()).output.splitlines()
    assert json.loads(line)["entry"] == "s1"
    assert (
        _run("match", tmp_path / "banks", "--text", "A walk by the river.").output == "no match\n"
    )


def test_a_file_that_is_no_picture_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"no picture")
    result = _run("add", tmp_path / "memes", "--entry", "m", "--image", file, "--kind", "pdq")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
