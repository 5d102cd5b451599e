"""Media by value or by reference, fetched as the worker does."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from moderation.media import FolderFetcher
from schemas import MAX_INLINE_BYTES
from workers.client import FolderStore, attach
from workers.client.media import INLINE_BYTES

LARGE = bytes(range(256)) * (INLINE_BYTES // 256 + 1)


def test_small_media_travel_within_the_post(tmp_path: Path) -> None:
    media = attach(b"a small sound", FolderStore(tmp_path), "audio/ogg")
    assert media.data == b"a small sound"
    assert media.sha256 == hashlib.sha256(b"a small sound").hexdigest()
    assert media.media_type == "audio/ogg"
    assert not list(tmp_path.iterdir())


async def test_the_worker_fetches_large_media_by_their_key(tmp_path: Path) -> None:
    media = attach(LARGE, FolderStore(tmp_path))
    assert media.data is None
    assert media.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert await FolderFetcher(tmp_path).fetch(media) == LARGE


def test_many_may_store_the_same_content_at_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: attach(LARGE, store).key, range(40)))
    (key,) = found
    assert key is not None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / key]
    assert (tmp_path / key).stat().st_mode & 0o044  # the workers run as somebody else


def test_what_is_too_large_for_a_post_needs_a_store() -> None:
    with pytest.raises(ValidationError, match="at most"):
        attach(b"x" * (MAX_INLINE_BYTES + 1))
