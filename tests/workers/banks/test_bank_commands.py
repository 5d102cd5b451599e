"""The bank commands work on a folder of banks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from moderation.model import tiny_classifier
from workers.cli import build_app

TEXT = "Join our channel today and double your coins within a week, guaranteed, ask me how!"


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
    assert _run("add", bank, "--entry", "s1", "--text", TEXT, "--kind", "near_text").exit_code == 0
    assert _run("compact", bank).output == "scams: 1 entries in the base\n"
    (line,) = _run("match", tmp_path / "banks", "--text", TEXT.upper()).output.splitlines()
    assert json.loads(line)["entry"] == "s1"
    assert (
        _run("match", tmp_path / "banks", "--text", "A walk by the river.").output == "no match\n"
    )


def test_a_file_that_is_no_picture_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"no picture")
    result = _run("add", tmp_path / "memes", "--entry", "m", "--image", file, "--kind", "pdq")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tiny_classifier().save_pretrained(folder)
    return folder


def test_a_post_is_banked_by_its_vectors_and_found_by_the_same_model_only(
    tmp_path: Path, model: Path
) -> None:
    bank, picture = tmp_path / "banks/campaigns", _picture(tmp_path / "a.png")
    content = ("--text", TEXT, "--image", picture, "--model", model)
    added = _run("add", bank, "--entry", "c1", "--kind", "embedding", *content)
    assert added.output == "campaigns: c1 added, 4 rows\n", "the text has four windows"
    (line,) = _run("match", tmp_path / "banks", *content).output.splitlines()
    found = json.loads(line)
    assert (found["entry"], found["modality"]) == ("c1", "post")
    assert found["distance"] == pytest.approx(0, abs=1e-5)
    other = tmp_path / "other"
    tiny_classifier(seed=2).save_pretrained(other)
    for words in (
        ("match", tmp_path / "banks", "--text", TEXT, "--model", other),
        ("add", bank, "--entry", "c2", "--text", TEXT, "--model", other),
    ):
        refused = _run(*words)
        assert refused.exit_code == 1
        assert "holds vectors by" in refused.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "B/new", "--entry", "e", "--text", "x"), "is no bank; give --kind to make it"),
        (("add", "B/new", "--entry", "e", "--text", "x", "--kind", "txt"), "no kind of bank"),
        (("add", "B/texts", "--entry", "e", "--text", "x", "--kind", "pdq"), "of kind text, not"),
        (("add", "B/texts", "--entry", "e"), "give --text, --image or --audio"),
        (("add", "B/texts", "--entry", "e", "--image", "B/none.png"), "takes text: give --text"),
        (("match", "B"), "give --text, --image or --audio"),
        (("match", "B", "--image", "B/none.png"), "can be asked about image"),
        (("match", "B/texts", "--text", "x"), "is a bank itself"),
        (("match", "E", "--text", "x"), "holds no banks"),
        (("import", "B/texts", "B/none.csv"), "none.csv cannot be read: No such file"),
        (("import", "B/texts", "B/list.xml"), "ends in none of"),
        (("import", "B/new", "B/list.csv"), "give --kind to make it"),
        (("export", "B/texts", "B/list.xml"), "ends in neither"),
        (("export", "B/new", "B/list.csv"), "is no bank: there is no bank.json"),
        (("judge", "B/texts", "t1", "--by", "ann"), "--confirm or --deny"),
        (("judge", "B/texts", "t9", "--deny", "--by", "ann"), "has no entry 't9'"),
        (("trust", "B/new", "--by", "ann"), "is no bank"),
        (("compact", "B/new"), "is no bank"),
        (("stats", "B/texts"), "is a bank itself"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_told_in_one_line_and_changes_nothing(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "E").mkdir()
    bank = tmp_path / "B/texts"
    assert _run("add", bank, "--entry", "t1", "--text", TEXT, "--kind", "text").exit_code == 0
    before = sorted(path.name for path in tmp_path.rglob("*"))
    result = _run(*(str(tmp_path / one) if one[:2] in {"B", "B/", "E"} else one for one in words))
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
    assert told in result.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_denied_entry_is_confirmed_again_and_a_bank_trusted(tmp_path: Path) -> None:
    bank = tmp_path / "banks/texts"
    assert _run("add", bank, "--entry", "t1", "--text", TEXT, "--kind", "text").exit_code == 0
    assert _run("judge", bank, "t1", "--deny", "--by", "ann").exit_code == 0
    assert _run("match", tmp_path / "banks", "--text", TEXT).output == "no match\n"
    assert _run("judge", bank, "t1", "--confirm", "--by", "ann").exit_code == 0
    assert "t1" in _run("match", tmp_path / "banks", "--text", TEXT).output
    assert _run("trust", bank, "--by", "ann").output == "texts: trusted by ann\n"
    (line,) = _run("stats", tmp_path / "banks").output.splitlines()
    assert {**json.loads(line), "confirms": 1, "denies": 1} == json.loads(line)


def test_a_bank_is_made_for_a_list(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(f"{'ab' * 32},x,,\n")
    made = _run("import", tmp_path / "banks/feed", source, "--kind", "pdq")
    assert made.output == "feed: 1 entries taken in\n"
