"""From lines of a JSONL file to records for the topic of posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from schemas import MAX_INLINE_BYTES, Media, Post

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Record:
    """Key and value as they are sent."""

    key: bytes | None
    value: bytes


def to_record(line: bytes, folder: Path, *, inline_up_to_bytes: int = MAX_INLINE_BYTES) -> Record:
    """The record of one line.

    A post's media that lie in ``folder`` are packed as a platform would pack them: small ones
    travel inside the post, larger ones stay where they are and get the ``sha256`` of their bytes
    (the claim-check pattern). A line that is no valid post is sent as it stands, so that the
    service's answer to it can be seen.

    Args:
        line: one line of the file, without its line end.
        folder: what the posts' media keys are relative to.
        inline_up_to_bytes: the largest medium that travels inside the post.
    """
    try:
        post = Post.from_bytes(line)
    except ValidationError:
        return Record(_author_key(line), line)
    packed = post.model_copy(
        update={
            "images": tuple(_packed(media, folder, inline_up_to_bytes) for media in post.images),
            "audio": tuple(_packed(media, folder, inline_up_to_bytes) for media in post.audio),
        }
    )
    return Record(post.author_id.encode(), packed.to_bytes())


def read_records(path: Path, *, inline_up_to_bytes: int = MAX_INLINE_BYTES) -> Iterator[Record]:
    """The records of a JSONL file; empty lines are left out.

    Args:
        path: the file; media keys are relative to its folder.
        inline_up_to_bytes: as for :func:`to_record`.
    """
    with path.open("rb") as file:
        yield from _records(file, path.parent, inline_up_to_bytes)


def _records(lines: Iterable[bytes], folder: Path, inline_up_to_bytes: int) -> Iterator[Record]:
    for line in lines:
        stripped = line.rstrip(b"\r\n")
        if stripped:
            yield to_record(stripped, folder, inline_up_to_bytes=inline_up_to_bytes)


def _packed(media: Media, folder: Path, inline_up_to_bytes: int) -> Media:
    if media.key is None:
        return media
    root = folder.resolve()
    path = (root / media.key).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return media  # the worker's object store will say what it makes of the key
    if path.stat().st_size <= min(inline_up_to_bytes, MAX_INLINE_BYTES):
        return media.model_copy(update={"key": None, "data": path.read_bytes()})
    if media.sha256 is not None:
        return media
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return media.model_copy(update={"sha256": digest})


def _author_key(line: bytes) -> bytes | None:
    """The key of a line that is no valid post: its author, if one can be made out."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    author = value.get("author_id") if isinstance(value, dict) else None
    return author.encode(errors="replace") if isinstance(author, str) else None
