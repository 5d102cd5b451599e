"""How many other posts with a like text this worker has seen lately."""

from __future__ import annotations

from typing import Final

from rules.banks import BankKind, RecentTexts
from schemas import Post
from workers.moderator.fingerprints import Fingerprinter, Fingerprints

FACT: Final = "text.near_duplicates"
"""What policies call it. It is counted only for a policy that asks."""


class NearDuplicates:
    """Counts for one worker. Use it on one thread.

    Posts of one author are in one partition, so a flood by one author is seen whole, and one by
    many authors only in the worker's share of the partitions.

    Args:
        texts: latest texts that are remembered.
        window_seconds: age from which a text counts no more.
        fingerprinter: takes the fingerprint where the media stage took none.
    """

    def __init__(self, texts: int, window_seconds: float, fingerprinter: Fingerprinter) -> None:
        self._recent = RecentTexts(texts, window_seconds)
        self._fingerprinter = fingerprinter

    def count(self, post: Post, prints: Fingerprints, now: float) -> int:
        """Other posts with a like text; 0 for one without a text.

        Args:
            post: the post; it is remembered.
            prints: of the post.
            now: seconds since 1970.
        """
        # A policy that asks for the count may have come into force after the media stage.
        text = prints.query.text or self._fingerprinter.text_hash(
            post.text, frozenset({BankKind.NEAR_TEXT})
        )
        return 0 if text is None else self._recent.count(text, post.post_id, now)
