"""``moderation explain``: a post's score, taken apart, as a picture and as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

from moderation.inference import (
    SHIPPED_MODEL_DIR,
    Explanation,
    NothingToExplainError,
    Scorer,
    WordWeight,
    explain,
)
from moderation.media import (
    CompositeFetcher,
    DecodedPost,
    FolderFetcher,
    HttpsFetcher,
    MediaLimits,
)
from moderation.reading import Readers
from schemas import Modality, Op, Post
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.media import MediaStage
from workers.moderator.records import read_post
from workers.offline.errors import InputError
from workers.offline.explanation_page import draw_explanation, missing_font
from workers.offline.fonts import find_fonts
from workers.offline.jsonl import STANDARD_STREAM, folder_of
from workers.offline.reading import Reading

DECIMALS = 4


async def explain_file(
    source: Path,
    folder: Path,
    *,
    category: str | None,
    model: Path | None,
    device: str,
    media_root: Path | None,
    media_hosts: Collection[str],
    reading: Reading,
) -> dict[str, Any]:
    """Explain the post in a file; the picture goes into a folder.

    Args:
        source: one post as on the topic ``posts``, or ``-`` for standard input.
        folder: of the picture; made if missing.
        category: that is explained; the highest if None.
        model: folder of the weights; the shipped model if None.
        device: see :class:`~moderation.inference.Scorer`.
        media_root: what media keys are relative to; the folder of ``source`` if None.
        media_hosts: hosts that media may be fetched from.
        reading: of the words in pictures and sounds.

    Returns:
        The explanation as JSON; ``picture`` is the file.

    Raises:
        InputError: the file holds no post that can be explained, or nothing can be written.
        ModelError, InferenceError: the model or the device cannot.
        StartError: a reader that was asked for cannot.
    """
    post = _read(source)
    scorer = Scorer(model or SHIPPED_MODEL_DIR, device)
    root = media_root or folder_of(source)
    decoded = await _decode(post, root, media_hosts, reading.load(device))
    try:
        explanation = explain(scorer, decoded, category)
    except NothingToExplainError as error:
        raise InputError(f"{source}: {error}") from None
    fonts = find_fonts()
    if (missing := missing_font(decoded, fonts)) is not None:
        print(f"note: {missing}", file=sys.stderr)  # noqa: T201 - a command's output
    page = draw_explanation(explanation, decoded, scorer.version, fonts)
    name = f"{post.post_id}.{explanation.category}.png"
    picture = _save(page, folder / re.sub(r"[^A-Za-z0-9._-]", "_", name))
    return _as_json(explanation, decoded, scorer.version) | {"picture": str(picture)}


def _save(page: Image.Image, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        page.save(path, optimize=True)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error}; check --output") from error
    return path


def _read(source: Path) -> Post:
    try:
        raw = sys.stdin.buffer.read() if source == STANDARD_STREAM else source.read_bytes()
        post = read_post(raw)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}") from error
    except UnreadableRecordError as error:
        raise InputError(f"{source} holds no post as on the topic `posts`: {error}") from None
    if post.op is not Op.UPSERT:
        raise InputError(f"{source} withdraws a post; there is nothing to explain")
    return post


async def _decode(
    post: Post, root: Path, media_hosts: Collection[str], readers: Readers
) -> DecodedPost:
    limits = MediaLimits()
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as threads:
        async with HttpsFetcher(media_hosts, limits=limits) as web:
            fetcher = CompositeFetcher(store=FolderFetcher(root, limits), web=web)
            stage = MediaStage(fetcher, limits, threads, concurrency=1, readers=readers)
            (decoded,) = await stage.decode([post])
    return decoded


def _as_json(explanation: Explanation, post: DecodedPost, version: str) -> dict[str, Any]:
    scores, category = explanation.scores, explanation.category
    return {
        "post_id": post.post_id,
        "model": version,
        "category": category,
        "scores": scores.scores,
        "shares": scores.shares,
        "places": {
            name: place.model_dump(mode="json", exclude_none=True)
            for name, place in scores.places.items()
        },
        "mismatch": scores.mismatch,
        "words": _words(post.text or "", explanation.words),
        "found_words": [
            {
                "modality": found.modality,
                "index": found.index,
                "words": _words(found.text, words),
            }
            for found, words in zip(scores.found_texts, explanation.found_words, strict=True)
        ],
        "images": [
            {"index": post.place(Modality.IMAGE, number), "weights": _rounded(weights.tolist())}
            for number, weights in enumerate(explanation.images)
        ],
        "audio": [
            {
                "index": post.place(Modality.AUDIO, number),
                "seconds_a_step": round(seconds, DECIMALS),
                "weights": _rounded(weights.tolist()),
            }
            for number, (weights, seconds) in enumerate(
                zip(explanation.sounds, explanation.seconds_a_step, strict=True)
            )
        ],
        "not_scanned": [
            gap.model_dump(mode="json", exclude_none=True) for gap in scores.not_scanned
        ],
    }


def _words(text: str, words: Sequence[WordWeight]) -> list[dict[str, Any]]:
    return [
        {
            "start": word.start,
            "end": word.end,
            "text": text[word.start : word.end],
            "weight": round(word.weight, DECIMALS),
        }
        for word in words
    ]


def _rounded(values: Any) -> Any:
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, DECIMALS)


def as_text(answer: dict[str, Any]) -> str:
    """The JSON as it is printed."""
    return json.dumps(answer, ensure_ascii=False)
