from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas import Action, Modality, NotScannedReason, Verdict, VerdictStatus, verdict_id
from tests.workers.offline.conftest import WriteLines
from workers.cli import build_app


def run(source: Path | str, *options: object, stdin: bytes | None = None) -> Result:
    arguments = ["run", str(source), *map(str, options)]
    return CliRunner().invoke(build_app(), arguments, input=stdin, catch_exceptions=False)


def verdicts_in(path: Path) -> list[Verdict]:
    return [Verdict.from_bytes(line) for line in path.read_bytes().splitlines()]


def post(name: str, **content: Any) -> dict[str, Any]:
    created = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    return {"post_id": name, "author_id": "author", "created_at": created, **content}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_every_post_gets_the_verdict_that_the_worker_would_give(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        post("text", text="hello"),
        post("media", images=[{"key": "media/photo.png"}], audio=[{"key": "media/voice.wav"}]),
        post("withdrawn", revision=2, op="delete"),
    )

    result = run(source, "--output", out, "--model", tiny_model)

    assert result.exit_code == 0, result.output
    text, media, withdrawn = verdicts_in(out)
    assert (text.post_id, text.status) == ("text", VerdictStatus.COMPLETE)
    assert media.modalities == (Modality.IMAGE, Modality.AUDIO)
    assert (withdrawn.status, withdrawn.revision) == (VerdictStatus.WITHDRAWN, 2)
    for verdict in (text, media, withdrawn):
        assert verdict.author_id == "author"
        assert not verdict.sampling.sampled
        assert verdict.verdict_id == verdict_id(
            verdict.post_id, verdict.revision, verdict.versions.model, verdict.versions.policy
        )


def test_what_was_not_scanned_degrades_the_verdict_and_is_never_allowed(
    write_lines: WriteLines, folder: Path, tiny_model: Path, out: Path
) -> None:
    (folder.parent / "secret.png").write_bytes((folder / "media" / "photo.png").read_bytes())
    right = hashlib.sha256((folder / "media" / "photo.png").read_bytes()).hexdigest()
    source = write_lines(
        post("missing", text="hi", images=[{"key": "media/none.png"}]),
        post("outside", text="hi", images=[{"key": "../secret.png"}]),
        post("web", text="hi", images=[{"url": "https://media.example/photo.png"}]),
        post("altered", text="hi", images=[{"key": "media/photo.png", "sha256": "0" * 64}]),
        post("promised", images=[{"key": "media/photo.png", "sha256": right}]),
    )

    run(source, "--output", out, "--model", tiny_model)

    *degraded, promised = verdicts_in(out)
    assert [verdict.not_scanned[0].reason for verdict in degraded] == [
        NotScannedReason.MISSING,
        NotScannedReason.FORBIDDEN,
        NotScannedReason.FORBIDDEN,
        NotScannedReason.HASH_MISMATCH,
    ]
    for verdict in degraded:
        assert verdict.status is VerdictStatus.DEGRADED
        assert verdict.action.severity >= Action.REVIEW.severity
    assert promised.status is VerdictStatus.COMPLETE


def test_lines_that_hold_no_post_are_named_and_the_others_are_judged(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        post("good", text="hi"),
        "{broken",
        post("empty"),
        post("number", text=5),
        post("b", text="x"),
    )

    result = run(source, "--output", out, "--model", tiny_model)

    assert result.exit_code == 1
    assert [verdict.post_id for verdict in verdicts_in(out)] == ["good", "b"]
    for number in (2, 3, 4):
        assert f"{source}:{number}: " in result.stderr
    assert "text: Input should be a valid string" in result.stderr


def test_a_table_and_a_summary_are_printed(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    source = write_lines(
        post("fine", text="hello"), post("gap", images=[{"key": "none.png"}]), "{broken"
    )

    printed = " ".join(run(source, "--output", out, "--model", tiny_model).stdout.split())

    assert "gap r1 │ review" in printed
    assert "verdicts │ 2 │" in printed
    assert "of them degraded │ 1 │" in printed
    assert "not scanned: image missing │ 1 │" in printed
    assert "rows refused │ 1 │" in printed


def test_without_an_output_only_the_tables_are_printed(
    write_lines: WriteLines, tiny_model: Path
) -> None:
    result = run(write_lines(post("fine", text="hello")), "--model", tiny_model)

    assert result.exit_code == 0
    assert "fine r1" in result.stdout
    assert "verdict_id" not in result.stdout


def test_verdicts_on_standard_output_are_alone_there(
    write_lines: WriteLines, tiny_model: Path
) -> None:
    source = write_lines(post("fine", text="hello"))

    result = run("-", "-o", "-", "--model", tiny_model, stdin=source.read_bytes())

    assert Verdict.from_bytes(result.stdout.encode()).post_id == "fine"
    assert "Summary" in result.stderr


def test_media_keys_can_be_relative_to_another_folder(
    write_lines: WriteLines, folder: Path, tiny_model: Path, out: Path
) -> None:
    source = write_lines(post("p", images=[{"key": "photo.png"}]))

    run(source, "-o", out, "--model", tiny_model, "--media-root", folder / "media")

    assert verdicts_in(out)[0].status is VerdictStatus.COMPLETE


def test_more_posts_than_a_chunk_keep_their_order(
    write_lines: WriteLines, tiny_model: Path, out: Path
) -> None:
    names = [f"p{number}" for number in range(150)]
    source = write_lines(
        *(
            post(name, op="delete") if place % 7 == 0 else post(name, text=f"post {place}")
            for place, name in enumerate(names)
        )
    )

    run(source, "-o", out, "--model", tiny_model)

    assert [verdict.post_id for verdict in verdicts_in(out)] == names


def test_a_broken_policy_is_shown_where_it_is_broken(
    write_lines: WriteLines, tiny_model: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "mine.yaml"
    policy.write_text("policy: mine\ncategories: {spam: {review: lots}}\n")

    result = run(write_lines(post("p", text="hi")), "--model", tiny_model, "--policy", policy)

    assert result.exit_code == 2
    assert "mine.yaml:2:" in result.stderr
    assert "Traceback" not in result.stderr
