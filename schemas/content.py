"""What a post says, as one digest: to tell whether it changed since somebody decided on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from schemas.post import Media, Post


def content_hash(post: Post) -> str | None:
    """sha256 over text, pictures and sounds in their order, in lower-case hexadecimal.

    Who posted it, where, and how often it was edited make no difference. ``None`` when a medium is
    referred to without its sha256: what lies behind an address can change without the post.
    """
    images, audio = _digests(post.images), _digests(post.audio)
    if images is None or audio is None:
        return None
    content = json.dumps([post.text or "", images, audio], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _digests(media: Sequence[Media]) -> list[str] | None:
    digests = [
        medium.sha256 if medium.data is None else hashlib.sha256(medium.data).hexdigest()
        for medium in media
    ]
    known = [digest for digest in digests if digest is not None]
    return known if len(known) == len(digests) else None
