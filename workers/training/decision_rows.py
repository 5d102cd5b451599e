"""Reviewers' decisions become labelled rows. Nobody guesses what a reviewer did not speak of."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from zlib import crc32

import soundfile
from PIL import Image

from moderation.evaluation import DEV, TRAIN, Row
from moderation.media import (
    SAMPLE_RATE_HZ,
    DecodedPost,
    MediaFetcher,
    MediaLimits,
    decode_post,
    gather_media,
)
from schemas import Post, ReviewDecision, Verdict
from workers.training.decision_records import DecidedPosts

SOURCE: Final = "reviewers"
DEV_PERCENT: Final = 10  # of authors, by hash: enough to calibrate on, most are for learning


@dataclass(frozen=True, slots=True)
class DecidedRows:
    """Rows, and how many decisions gave none for which reason."""

    rows: list[Row]
    left_out: Mapping[str, int] = field(default_factory=dict)


async def decided_rows(
    known: DecidedPosts, *, media: Path, fetcher: MediaFetcher, limits: MediaLimits
) -> DecidedRows:
    """Label every decided post.

    An author's posts share a split, so that nobody is recognised by style.

    Args:
        known: decisions, posts and verdicts.
        media: folder that decoded pictures and sounds are written to.
        fetcher: of media that are not inline.
        limits: on each medium.
    """
    rows, left_out = [], Counter[str]()
    for key, decision in sorted(known.decisions.items()):
        post = known.posts.get(key)
        labels = decided_labels(decision, known.verdicts.get(decision.verdict_id))
        if post is None:
            left_out["its post is no longer on the topics"] += 1
        elif not labels:
            left_out["it confirms or rejects no category"] += 1
        elif len(post.images) > 1 or len(post.audio) > 1:
            left_out["its post has several pictures or sounds, and it speaks of them all"] += 1
        else:
            row = await _row(post, labels, media, fetcher, limits)
            if row is None:
                left_out["a picture or sound of its post cannot be had"] += 1
            else:
                rows.append(row)
    return DecidedRows(rows, left_out)


def decided_labels(decision: ReviewDecision, verdict: Verdict | None) -> dict[str, int]:
    """1 for the categories that the reviewer chose, 0 for those flagged and not chosen.

    Args:
        decision: the reviewer's.
        verdict: the machine's, which the reviewer saw; None if it is not known.
    """
    flagged = {reason.category for reason in verdict.reasons} if verdict is not None else set()
    rejected = {category for category in flagged if category is not None}
    return dict.fromkeys(sorted(rejected), 0) | dict.fromkeys(decision.categories, 1)


async def _row(
    post: Post, labels: dict[str, int], media: Path, fetcher: MediaFetcher, limits: MediaLimits
) -> Row | None:
    gathered = await gather_media(post, fetcher)
    decoded = await asyncio.to_thread(decode_post, post, gathered, limits)
    if len(decoded.images) < len(post.images) or len(decoded.audio) < len(post.audio):
        return None
    image, audio = await asyncio.to_thread(_write_media, post, decoded, media)
    return Row(
        id=f"{post.post_id}@{post.revision}",
        text=post.text,
        image=image,
        audio=audio,
        labels=labels,
        lang=(post.language or "").split("-")[0].lower(),
        source=SOURCE,
        split=DEV if crc32(post.author_id.encode()) % 100 < DEV_PERCENT else TRAIN,
    )


def _write_media(post: Post, decoded: DecodedPost, folder: Path) -> tuple[Path | None, Path | None]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = sha256(f"{post.revision} {post.post_id}".encode()).hexdigest()[:24]  # ids may be paths
    image = audio = None
    for pixels in decoded.images:
        image = folder / f"{stem}.png"
        Image.fromarray(pixels).save(image)
    for samples in decoded.audio:
        audio = folder / f"{stem}.flac"
        soundfile.write(audio, samples, SAMPLE_RATE_HZ)
    return image, audio
