"""Roll-out by percentage: on which posts a live rule has its effects."""

from __future__ import annotations

import hashlib
from typing import Final

_HASH_BYTES: Final = 8
_HASH_SPAN: Final = 1 << (8 * _HASH_BYTES)
_PER_CENT: Final = 100.0


def drawn(rule: str, post_id: str, percent: float) -> bool:
    """Whether the post is in the rule's share.

    A hash of both decides: the same post is always drawn alike, a growing share only adds posts,
    and two rules at the same percentage draw independently.
    """
    if percent >= _PER_CENT:
        return True
    digest = hashlib.blake2b(f"{rule}\0{post_id}".encode(), digest_size=_HASH_BYTES).digest()
    return int.from_bytes(digest) * _PER_CENT < percent * _HASH_SPAN
