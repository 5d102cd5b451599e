"""How many other posts said nearly the same lately."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np

from rules.banks.hamming import HASH_BYTES, MAX_RADIUS
from rules.banks.match import TextHash

_WORDS: Final = HASH_BYTES // 8


class RecentTexts:
    """Remembers the fingerprints of the latest texts. Use it on one thread.

    Two texts are like when their fingerprints are at most 31 bits apart (Jaccard similarity of
    about 0.76), or, where they are too short for one, when they fold to the same. A text takes 48
    bytes; comparing with 4,096 of them about 50 µs.

    Args:
        capacity: texts that are remembered; the oldest makes room.
        window_s: age in seconds from which a text counts no more.
    """

    def __init__(self, capacity: int, window_s: float) -> None:
        self._rows = np.zeros((capacity, _WORDS), np.uint64)
        self._seen = np.full(capacity, -np.inf)
        self._posts = np.zeros(capacity, np.uint64)
        self._window_s = window_s
        self._next = 0

    def count(self, text: TextHash, post_id: str, now: float) -> int:
        """Other posts like this one within the window; then remembers it.

        Revisions and repeated deliveries of one post count once, and never for itself.

        Args:
            text: its fingerprints: ``near``, or ``sha256`` where the text is too short.
            post_id: of the post.
            now: seconds since 1970.

        Raises:
            ValueError: there is neither fingerprint.
        """
        row = _row(text)
        post = int.from_bytes(hashlib.blake2b(post_id.encode(), digest_size=8).digest())
        apart = np.bitwise_count(self._rows ^ row).sum(axis=1, dtype=np.int64)
        like = (apart <= MAX_RADIUS) & (self._seen > now - self._window_s) & (self._posts != post)
        self._rows[self._next] = row
        self._seen[self._next] = now
        self._posts[self._next] = post
        self._next = (self._next + 1) % len(self._rows)
        return len(np.unique(self._posts[like]))


def _row(text: TextHash) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    # A digest is some 128 bits away from every other row, so it only finds itself.
    raw = text.near if text.near is not None else bytes.fromhex(text.sha256 or "")
    if len(raw) != HASH_BYTES:
        raise ValueError("a text without fingerprints cannot be compared; take one of them first")
    return np.frombuffer(raw, np.uint64)
