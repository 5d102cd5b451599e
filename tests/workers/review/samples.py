"""Escalations to test with. All content is invented and mild."""

from __future__ import annotations

import io
import string
import wave
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from PIL import Image

from schemas import (
    Action,
    Appeal,
    Escalation,
    Media,
    Modality,
    Post,
    Reason,
    ReasonKind,
    RuleHit,
    Sampling,
    Timings,
    Verdict,
    VerdictStatus,
    Versions,
    verdict_id,
)

MODEL_VERSION = "compact@sha256:5f3a9b2c"
POLICY_VERSION = "default@sha256:1a2b3c4d5e6f"
INSULT = "You are a muppet and everybody knows it."
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def png(colour: tuple[int, int, int] = (200, 40, 40), size: tuple[int, int] = (64, 48)) -> bytes:
    """A plain picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def photo(name: str, size: tuple[int, int] = (256, 192), kind: str = "PNG", **how: Any) -> bytes:
    """A picture with large and small shapes as a photograph has, unlike that of any other name."""
    drawn = Random(name)
    whole = Image.new("RGB", size)
    for side in (4, 8, 16, 32, 64):
        layer = Image.frombytes("RGB", (side, side), drawn.randbytes(3 * side * side))
        whole = Image.blend(whole, layer.resize(size, Image.Resampling.BICUBIC), 0.4)
    buffer = io.BytesIO()
    whole.save(buffer, kind, **how)
    return buffer.getvalue()


def wav(seconds: float = 0.1) -> bytes:
    """Silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(b"\x00\x00" * int(16_000 * seconds))
    return buffer.getvalue()


def unlike(post_id: str) -> str:
    """A text that no other post has anything like."""
    if post_id == "p-1":
        return INSULT
    drawn = Random(post_id)
    return f"{INSULT} " + " ".join(drawn.choices(string.ascii_lowercase, k=60))


def post(post_id: str = "p-1", **changes: Any) -> Post:
    """A post with a text of its own, unless said otherwise."""
    fields: dict[str, Any] = {
        "post_id": post_id,
        "author_id": "author-1",
        "created_at": NOON,
        "text": unlike(post_id),
        "language": "en",
        "reach": 1_200,
    }
    return Post(**(fields | changes))


def verdict(of: Post, **changes: Any) -> Verdict:
    """The machine's verdict on a post: unsure, toxicity."""
    fields: dict[str, Any] = {
        "verdict_id": verdict_id(of.post_id, of.revision, MODEL_VERSION, POLICY_VERSION),
        "post_id": of.post_id,
        "revision": of.revision,
        "author_id": of.author_id,
        "status": VerdictStatus.COMPLETE,
        "action": Action.REVIEW,
        "model_action": Action.REVIEW,
        "scores": {"toxicity": 0.71, "hate": 0.22, "spam": 0.03},
        "reasons": (
            Reason(
                kind=ReasonKind.MODEL,
                action=Action.REVIEW,
                category="toxicity",
                score=0.71,
                threshold=0.6,
                shares={Modality.TEXT: 1.0},
            ),
        ),
        "rule_hits": (RuleHit(rule="insult-at-person", mode="live"),),
        "modalities": (Modality.TEXT,),
        "versions": Versions(model=MODEL_VERSION, policy=POLICY_VERSION),
        "timings": Timings(record_age=0.25),
        "sampling": Sampling(sampled=False, inclusion_probability=0.0),
        "surface": of.surface,
        "language": of.language,
        "decided_at": NOON,
    }
    return Verdict(**(fields | changes))


def escalation(
    of: Post | None = None,
    *,
    priority: float = 1.0,
    escalated_at: datetime = NOON,
    due_in: timedelta = timedelta(hours=4),
    queue: str = "default",
    **verdict_changes: Any,
) -> Escalation:
    """An escalated post."""
    of = of or post()
    return Escalation(
        verdict=verdict(of, **verdict_changes),
        post=of,
        queue=queue,
        priority=priority,
        escalated_at=escalated_at,
        due_at=escalated_at + due_in,
    )


def appeal(against: Verdict, of: Post | None = None, **changes: Any) -> Appeal:
    """The author of a post contests a verdict on it, a day later."""
    fields: dict[str, Any] = {
        "appeal_id": uuid5(NAMESPACE_OID, str(against.verdict_id)),
        "verdict": against,
        "post": of or post(),
        "statement": "It was a joke among friends.",
        "submitted_at": against.decided_at + timedelta(days=1),
    }
    return Appeal(**(fields | changes))


def inline(data: bytes, media_type: str | None = None) -> Media:
    """A medium that travels in the post."""
    return Media(data=data, media_type=media_type)
