"""On real Kafka: banked content is known, and what a reviewer decided stands until it changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from moderation.inference import Scorer
from moderation.media import DecodedPost
from moderation.model import tiny_classifier
from moderation.scoring import ConstantScorer
from rules.banks import Change, append
from schemas import (
    TOPICS,
    Action,
    BankPart,
    Media,
    Modality,
    Post,
    Reason,
    ReasonKind,
    ReviewDecision,
    Verdict,
    content_hash,
)
from tests.support.kafka import produce_messages, produce_posts, read_messages
from tests.support.waiting import eventually_async
from tests.workers.moderator.banking import TEXT, drawing, hashes, make_bank
from tests.workers.moderator.making import HARMLESS, make_post
from tests.workers.moderator.running import WITHIN_SECONDS, running_worker
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

ENCODER = "compact@sha256:0123456789ab"

DECIDED_AT = datetime.now(UTC) - timedelta(hours=1)
"""Lately by the worker's clock, which is the real one: decisions expire."""


def decision_on(post: Post, action: Action) -> ReviewDecision:
    """A reviewer saw this revision, and decided."""
    return ReviewDecision(
        decision_id=uuid4(),
        verdict_id=uuid4(),
        post_id=post.post_id,
        revision=post.revision,
        author_id=post.author_id,
        reviewer="reviewer-1",
        action=action,
        machine_action=Action.REVIEW,
        content_hash=content_hash(post),
        claimed_at=DECIDED_AT,
        decided_at=DECIDED_AT,
    )


async def verdicts(kafka: KafkaSettings) -> dict[tuple[str, int], Verdict]:
    found = await read_messages(kafka, TOPICS.verdicts, Verdict)
    return {(verdict.post_id, verdict.revision): verdict for verdict in found}


def of_kind(verdict: Verdict, kind: ReasonKind) -> list[Reason]:
    return [reason for reason in verdict.reasons if reason.kind is kind]


async def test_banked_picture_is_removed_in_another_size_and_format_with_bank_and_distance(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    make_bank(tmp_path / "memes", "pdq", {"meme-1": hashes(drawing(1))}, action="remove")
    copy = drawing(1, form="JPEG", size=(500, 375))
    copied = make_post("copied", images=(Media(data=drawing(2)), Media(data=copy)))
    other = make_post("other", images=(Media(data=drawing(2)),))
    await produce_posts(kafka_settings, TOPICS.posts, [copied, other])

    async with running_worker(kafka_settings, banks=tmp_path) as worker:
        await worker.reaches("moderation_verdicts_total", 2)
        assert await worker.metric("moderation_bank_matches_total", bank="memes") == 1

    found = await verdicts(kafka_settings)
    verdict = found["copied", 1]
    (reason,) = of_kind(verdict, ReasonKind.BANK)
    assert verdict.action is reason.action is Action.REMOVE
    assert reason.bank == "memes"
    assert reason.distance is not None
    assert 0 < reason.distance <= 31
    assert reason.detail == "image 2 is known to the bank as meme-1"
    assert verdict.versions.banks.keys() == {"memes"}
    assert found["other", 1].action is Action.ALLOW


async def test_post_near_to_a_banked_vector_is_found_with_its_distance_and_others_are_not(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    known = np.array([1, 0, 0], np.float32)
    make_bank(
        tmp_path / "campaigns",
        "embedding",
        {"campaign-1": [known.tobytes().hex()]},
        action="remove",
        encoders=(ENCODER,),
    )
    scorer = ConstantScorer(
        HARMLESS,
        version=ENCODER,
        embeddings={
            "near": np.array([[0, 0, 1], [0.98, 0.2, 0]], np.float32),
            "far": np.array([[0, 1, 0]], np.float32),
        },
    )
    posts = [make_post("near"), make_post("far")]
    await produce_posts(kafka_settings, TOPICS.posts, posts)

    async with running_worker(kafka_settings, scorer, banks=tmp_path) as worker:
        await worker.reaches("moderation_verdicts_total", 2)

    found = await verdicts(kafka_settings)
    near = found["near", 1]
    assert near.trace is not None
    (match,) = near.trace.bank_matches["campaigns"]
    assert (match.modality, match.entry) == (BankPart.POST, "campaign-1")
    assert match.distance == pytest.approx(1 - 0.98 / (0.98**2 + 0.2**2) ** 0.5, abs=1e-6)
    (reason,) = of_kind(near, ReasonKind.BANK)
    assert (near.action, reason.distance) == (Action.REMOVE, match.distance)
    assert reason.detail == "post is known to the bank as campaign-1"
    far = found["far", 1]
    assert far.trace is not None
    assert (far.action, far.trace.bank_matches) == (Action.ALLOW, {"campaigns": ()})


async def test_bank_filled_by_a_model_is_asked_with_that_models_vectors(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    scorer = Scorer(tiny_classifier(), "cpu")
    (banked,) = scorer.score([DecodedPost("banked", text=TEXT)], embed=True)
    assert banked.embeddings is not None
    rows = [row.tobytes().hex() for row in banked.embeddings]
    encoders = (scorer.encoder,)
    make_bank(tmp_path / "texts", "embedding", {"t1": rows}, encoders=encoders, threshold=1e-4)
    posts = [make_post("same", text=TEXT), make_post("other", text="Nothing of the kind.")]
    await produce_posts(kafka_settings, TOPICS.posts, posts)

    async with running_worker(kafka_settings, scorer, banks=tmp_path) as worker:
        await worker.reaches("moderation_verdicts_total", 2)

    found = await verdicts(kafka_settings)
    traces = [found[post, 1].trace for post in ("same", "other")]
    matches = [trace.bank_matches["texts"] for trace in traces if trace is not None]
    assert [[match.entry for match in of] for of in matches] == [["t1"], []]
    assert matches[0][0].distance == pytest.approx(0, abs=1e-4)


async def test_bank_filled_while_the_worker_runs_is_asked(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    bank = make_bank(tmp_path / "memes", "pdq", {}, action="review")
    post = make_post(images=(Media(data=drawing(1)),))
    async with running_worker(kafka_settings, banks=tmp_path, banks_seconds=0.1) as worker:
        append(bank, [Change(op="add", entry="meme-1", rows=hashes(drawing(1)))])
        await worker.reaches("moderation_bank_entries", 1, bank="memes")
        await produce_posts(kafka_settings, TOPICS.posts, [post])
        await worker.reaches("moderation_escalations_total", 1)
    assert (await verdicts(kafka_settings))["post-1", 1].action is Action.REVIEW


async def test_what_a_reviewer_decided_stands_until_the_content_changes(
    kafka_settings: KafkaSettings,
) -> None:
    picture = Media(data=drawing(1))
    seen = make_post(images=(picture,))
    decided = decision_on(seen, Action.REMOVE)
    await produce_messages(kafka_settings, TOPICS.review_decisions, [(seen.post_id, decided)])
    again = seen
    unchanged = make_post(revision=2, images=(picture,), reach=10)
    changed = make_post(revision=3, images=(picture,), text="Something else.")

    async with running_worker(kafka_settings) as worker:
        # One after the other: a revision that is overtaken is not judged.
        for count, revision in enumerate((again, unchanged, changed), start=1):
            await produce_posts(kafka_settings, TOPICS.posts, [revision])
            await worker.reaches("moderation_verdicts_total", count)
        assert await worker.metric("moderation_reviewer_decisions_followed_total") == 2

    found = await verdicts(kafka_settings)
    actions = {revision: verdict.action for (_, revision), verdict in found.items()}
    assert actions == {1: Action.REMOVE, 2: Action.REMOVE, 3: Action.ALLOW}
    (reason,) = of_kind(found["post-1", 2], ReasonKind.HUMAN)
    assert reason.detail == f"a reviewer decided on {DECIDED_AT:%Y-%m-%d %H:%M} UTC on this content"
    assert of_kind(found["post-1", 3], ReasonKind.HUMAN) == []
    assert found["post-1", 2].modalities == (Modality.TEXT, Modality.IMAGE)


async def test_decision_taken_while_the_worker_runs_is_followed(
    kafka_settings: KafkaSettings,
) -> None:
    post = make_post()
    async with running_worker(kafka_settings) as worker:
        await worker.is_ready()
        decided = decision_on(post, Action.LIMIT)
        await produce_messages(kafka_settings, TOPICS.review_decisions, [(post.post_id, decided)])
        revision = 0

        async def limited() -> bool:
            nonlocal revision
            revision += 1
            edited = make_post(revision=revision)
            await produce_posts(kafka_settings, TOPICS.posts, [edited])
            await worker.reaches("moderation_verdicts_total", revision)
            return (await verdicts(kafka_settings))["post-1", revision].action is Action.LIMIT

        await eventually_async(limited, within_seconds=WITHIN_SECONDS, describe="limited")
