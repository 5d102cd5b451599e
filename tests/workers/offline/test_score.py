from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas import CATEGORIES
from tests.workers.offline.conftest import WriteLines
from workers.cli import build_app


def score(source: Path | str, *options: object, stdin: bytes | None = None) -> Result:
    arguments = ["score", str(source), *map(str, options)]
    return CliRunner().invoke(build_app(), arguments, input=stdin, catch_exceptions=False)


def rows_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_every_row_is_answered_in_order_with_a_probability_a_category(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        {"id": "text", "text": "hello"},
        {"id": "image", "image": "media/photo.png"},
        {"id": "audio", "audio": "media/voice.wav"},
        {
            "id": "all",
            "text": "你好",
            "image": "media/photo.png",
            "audio": "media/voice.wav",
            "labels": {"spam": 1},
        },
    )

    result = score(source, "--output", out, "--model", tiny_model)

    assert result.exit_code == 0, result.output
    answers = rows_in(out)
    assert [answer["id"] for answer in answers] == ["text", "image", "audio", "all"]
    for answer in answers:
        assert set(answer) == {"id", "scores", "not_scanned"}
        assert tuple(answer["scores"]) == CATEGORIES
        assert all(0 <= score <= 1 for score in answer["scores"].values())
        assert answer["not_scanned"] == []


def test_ids_keep_their_type(write_lines: WriteLines, tiny_model: Path, out: Path) -> None:
    source = write_lines({"id": 7, "text": "a"}, {"id": "7 / ü", "text": "a"})

    score(source, "--output", out, "--model", tiny_model)

    assert [answer["id"] for answer in rows_in(out)] == [7, "7 / ü"]


def test_media_that_cannot_be_read_are_named_and_the_rest_is_scored(
    write_lines: WriteLines, folder: Path, tiny_model: Path, out: Path
) -> None:
    (folder / "broken.png").write_bytes((folder / "media" / "photo.png").read_bytes()[:60])
    source = write_lines(
        {"id": "gone", "text": "hi", "image": "media/none.png"},
        {"id": "broken", "image": "broken.png"},
        {"id": "folder", "text": "hi", "audio": "media"},
        {"id": "no path", "text": "hi", "audio": "media/\u0000"},
    )

    result = score(source, "--output", out, "--model", tiny_model)

    assert result.exit_code == 0
    assert [
        (answer["id"], bool(answer["scores"]), gap["modality"], gap["reason"])
        for answer in rows_in(out)
        for gap in answer["not_scanned"]
    ] == [
        ("gone", True, "image", "missing"),
        ("broken", False, "image", "undecodable"),
        ("folder", True, "audio", "forbidden"),
        ("no path", True, "audio", "unreachable"),
    ]


def test_paths_may_be_absolute_or_lead_upwards_because_the_file_is_the_users_own(
    write_lines: WriteLines, folder: Path, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        {"id": "absolute", "image": str(folder / "media" / "photo.png")},
        {"id": "upwards", "image": "../input/media/photo.png"},
    )

    score(source, "--output", out, "--model", tiny_model)

    assert [answer["not_scanned"] for answer in rows_in(out)] == [[], []]


def test_a_row_without_content_has_no_scores(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines({"id": "a"}, {"id": "b", "text": "", "image": None})

    assert score(source, "--output", out, "--model", tiny_model).exit_code == 0
    assert rows_in(out) == [
        {"id": "a", "scores": {}, "not_scanned": []},
        {"id": "b", "scores": {}, "not_scanned": []},
    ]


def test_bad_rows_are_named_by_file_and_line_and_the_others_are_scored(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        {"id": "good", "text": "a"},
        "{broken",
        "",
        {"text": "no id"},
        {"id": "x", "text": 5},
        "[]",
        {"id": "last", "text": "a"},
    )

    result = score(source, "--output", out, "--model", tiny_model)

    assert result.exit_code == 1
    assert [answer["id"] for answer in rows_in(out)] == ["good", "last"]
    errors = [line for line in result.stderr.splitlines() if line.startswith(str(source))]
    assert [error.removeprefix(f"{source}:").split(":")[0] for error in errors] == [
        "2",
        "4",
        "5",
        "6",
    ]
    assert "id: Field required" in errors[1]
    assert "text: Input should be a valid string" in errors[2]
    assert all('expected {"id"' in error for error in errors)
    assert "2 rows scored" in result.stderr
    assert "4 refused" in result.stderr


def test_gzip_and_standard_streams_work_like_files(
    write_lines: WriteLines, tiny_model: Path, tmp_path: Path
) -> None:
    source = write_lines({"id": "a", "text": "hello"})
    zipped, zipped_out = tmp_path / "rows.jsonl.gz", tmp_path / "out.jsonl.gz"
    zipped.write_bytes(gzip.compress(source.read_bytes()))

    plain = score(source, "--model", tiny_model).stdout
    score(zipped, "--output", zipped_out, "--model", tiny_model)
    piped = score("-", "--model", tiny_model, stdin=b"\xef\xbb\xbf" + source.read_bytes()).stdout

    assert json.loads(plain)["id"] == "a"
    assert piped == plain
    assert gzip.decompress(zipped_out.read_bytes()).decode() == plain


def test_many_rows_are_scored_chunk_by_chunk_in_order(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(*({"id": number, "text": f"post {number}"} for number in range(300)))

    score(source, "--output", out, "--model", tiny_model)

    assert [answer["id"] for answer in rows_in(out)] == list(range(300))


def test_a_command_that_cannot_begin_says_why_and_writes_nothing(
    write_lines: WriteLines, tiny_model: Path, out: Path, tmp_path: Path
) -> None:
    source = write_lines({"id": "a", "text": "hello"})
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"no gzip")

    for arguments, message in [
        (("nowhere.jsonl", "-o", out, "--model", tiny_model), "nowhere.jsonl does not exist"),
        ((broken, "-o", out, "--model", tiny_model), "cannot be read"),
        ((source, "-o", out, "--model", tmp_path), "no model folder"),
        ((source, "-o", out, "--model", tiny_model, "--device", "toaster"), "names no device"),
        ((source, "-o", source, "--model", tiny_model), "is the input"),
        ((source, "-o", tmp_path / "none" / "x", "--model", tiny_model), "cannot be written"),
    ]:
        result = score(*arguments)
        assert result.exit_code == 2
        assert message in result.stderr
        assert "Traceback" not in result.stderr
    assert not out.exists()
    assert rows_in(source)
