"""``moderation decisions manifest``: what reviewers decided becomes training rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

from moderation.evaluation import Row, read_audio, read_image, read_manifest
from schemas import (
    TOPICS,
    Action,
    Escalation,
    Media,
    Message,
    Post,
    Reason,
    ReasonKind,
    ReviewDecision,
    Verdict,
)
from tests.schemas.examples import NOON, VERDICT, decision_on
from tests.support.kafka import produce_messages
from workers.cli import build_app
from workers.settings import KafkaSettings
from workers.training.decision_records import read_topics
from workers.training.decision_rows import decided_labels


def a_post(post_id: str, **changes: object) -> Post:
    values = {"post_id": post_id, "author_id": "a", "created_at": NOON, "text": f"text {post_id}"}
    return Post.model_validate(values | changes)


def a_verdict(post: Post, *flagged: str) -> Verdict:
    reasons = tuple(
        Reason(kind=ReasonKind.MODEL, action=Action.REVIEW, category=category)
        for category in flagged
    )
    return VERDICT.model_copy(
        update={
            "verdict_id": uuid4(),
            "post_id": post.post_id,
            "revision": post.revision,
            "author_id": post.author_id,
            "reasons": reasons,
        }
    )


def a_decision(verdict: Verdict, *categories: str, minutes: int = 1) -> ReviewDecision:
    return decision_on(
        verdict,
        Action.REMOVE if categories else Action.ALLOW,
        machine_action=Action.REVIEW,
        categories=categories,
        claimed_at=NOON,
        decided_at=NOON + timedelta(minutes=minutes),
    )


def manifest_of(folder: Path, messages: Sequence[Message]) -> tuple[list[Row], str]:
    dump, output = folder / "dump.jsonl", folder / "out.jsonl"
    dump.write_bytes(b"\n".join(message.to_bytes() for message in messages))
    command = ["decisions", "manifest", str(output), "--dump", str(dump)]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 0, result.output
    return read_manifest(output), " ".join(result.output.split())


def test_chosen_categories_are_1_and_flagged_ones_that_were_not_chosen_are_0() -> None:
    verdict = a_verdict(a_post("p"), "spam", "hate")
    labels = decided_labels(a_decision(verdict, "hate", "toxicity"), verdict)
    assert labels == {"spam": 0, "hate": 1, "toxicity": 1}


def test_without_the_machines_verdict_only_what_was_chosen_is_known() -> None:
    verdict = a_verdict(a_post("p"), "spam")
    assert decided_labels(a_decision(verdict, "hate"), None) == {"hate": 1}


def test_a_dump_in_any_order_becomes_rows(tmp_path: Path) -> None:
    post, other = a_post("p", language="en-GB"), a_post("q")
    verdict = a_verdict(post, "spam")
    rows, _ = manifest_of(tmp_path, [post, other, verdict, a_decision(verdict)])
    (row,) = rows
    assert (row.id, row.text, row.labels) == ("p@1", "text p", {"spam": 0})
    assert (row.lang, row.source) == ("en", "reviewers")


def test_the_latest_decision_on_a_revision_counts(tmp_path: Path) -> None:
    post = a_post("p")
    verdict = a_verdict(post, "spam")
    decisions = [a_decision(verdict, minutes=9), a_decision(verdict, "spam", minutes=2)]
    rows, _ = manifest_of(tmp_path, [*decisions, post, verdict])
    assert [row.labels for row in rows] == [{"spam": 0}]


def test_a_decision_speaks_of_its_own_revision_only(tmp_path: Path) -> None:
    first, second = a_post("p", text="before"), a_post("p", text="after", revision=2)
    verdict = a_verdict(first, "spam")
    rows, _ = manifest_of(tmp_path, [a_decision(verdict, "spam"), first, second, verdict])
    assert [(row.id, row.text) for row in rows] == [("p@1", "before")]


def test_inline_media_are_written_beside_the_manifest(tmp_path: Path) -> None:
    picture, sound = io.BytesIO(), io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), 200, np.uint8)).save(picture, "PNG")
    soundfile.write(sound, np.zeros(8000, np.float32), 16000, format="WAV")
    media = {"images": (Media(data=picture.getvalue()),), "audio": (Media(data=sound.getvalue()),)}
    post = a_post("p", text=None, **media)
    verdict = a_verdict(post)
    rows, _ = manifest_of(tmp_path, [a_decision(verdict, "weapons"), post])
    (row,) = rows
    assert row.image
    assert row.audio
    assert read_image(row.image).shape == (20, 30, 3)
    assert len(read_audio(row.audio)) == 8000


def test_what_gives_no_row_is_counted_with_its_reason(tmp_path: Path) -> None:
    gone, silent, broken = a_post("gone"), a_post("silent"), a_post("broken")
    broken = broken.model_copy(update={"images": (Media(key="not/there.png"),)})
    many = a_post("many", images=(Media(key="a.png"), Media(key="b.png")))
    messages: list[Message] = [silent, broken, many]
    for post, categories in ((gone, ["spam"]), (silent, []), (broken, ["spam"]), (many, ["spam"])):
        messages.append(a_decision(a_verdict(post), *categories))
    rows, output = manifest_of(tmp_path, messages)
    assert rows == []
    assert "0 of 4 decisions" in output
    assert "no longer on the topics: 1" in output
    assert "confirms or rejects no category: 1" in output
    assert "several pictures or sounds, and it speaks of them all: 1" in output
    assert "cannot be had: 1" in output


def test_a_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text('{"hello": 1}\n')
    command = ["decisions", "manifest", str(tmp_path / "out.jsonl"), "--dump", str(dump)]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 1
    assert "dump.jsonl:1" in result.output


@pytest.mark.kafka
async def test_decisions_posts_and_verdicts_are_read_off_the_topics(
    kafka_settings: KafkaSettings,
) -> None:
    posted, escalated, undecided = a_post("posted"), a_post("escalated"), a_post("undecided")
    verdicts = {post.post_id: a_verdict(post, "spam") for post in (posted, escalated, undecided)}
    escalation = Escalation(
        verdict=verdicts["escalated"],
        post=escalated,
        priority=1.0,
        escalated_at=NOON,
        due_at=NOON,
    )
    decisions = [a_decision(verdicts["posted"], "spam"), a_decision(verdicts["escalated"])]
    for topic, messages in (
        (TOPICS.posts, [("a", posted), ("a", undecided)]),
        (TOPICS.escalations, [("escalated", escalation)]),
        (TOPICS.verdicts, [("posted", verdicts["posted"]), ("undecided", verdicts["undecided"])]),
        (TOPICS.review_decisions, [(each.post_id, each) for each in decisions]),
    ):
        await produce_messages(kafka_settings, topic, messages)
    known = await read_topics(kafka_settings)
    assert set(known.decisions) == {("posted", 1), ("escalated", 1)}
    assert known.posts == {("posted", 1): posted, ("escalated", 1): escalated}
    assert {verdict.post_id for verdict in known.verdicts.values()} == {"posted", "escalated"}
    assert known.unreadable == 0
