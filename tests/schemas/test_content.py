"""A post's content hash changes with what it says, and with nothing else."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import Media, Post, content_hash

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PICTURE, OTHER = b"picture", b"other"


def post(**fields: Any) -> Post:
    given = {"post_id": "p", "author_id": "a", "created_at": NOON, "text": "Hello."}
    return Post(**(given | fields))


def pinned(raw: bytes, **source: str) -> Media:
    return Media(sha256=hashlib.sha256(raw).hexdigest(), **source)


def test_an_edit_that_changes_nothing_keeps_the_hash() -> None:
    before = post(images=(Media(data=PICTURE),), reach=1)
    after = post(
        revision=2,
        images=(pinned(PICTURE, key="moved/elsewhere.jpg"),),
        reach=10_000,
        surface="comments",
        language="en",
    )
    assert content_hash(before) == content_hash(after) is not None


@pytest.mark.parametrize(
    "changed",
    [
        post(text="Hello!"),
        post(text=None, images=(Media(data=PICTURE),)),
        post(images=(Media(data=PICTURE),)),
        post(images=(Media(data=OTHER),)),
        post(audio=(Media(data=PICTURE),)),
        post(images=(Media(data=PICTURE), Media(data=OTHER))),
        post(images=(Media(data=OTHER), Media(data=PICTURE))),
    ],
)
def test_every_change_of_the_content_changes_the_hash(changed: Post) -> None:
    others = [post(), post(images=(pinned(b"third", url="https://media.example/3"),))]
    assert content_hash(changed) not in {content_hash(other) for other in others}


def test_the_bytes_of_an_inline_medium_count_whatever_digest_is_promised() -> None:
    honest, wrong = Media(data=PICTURE), Media(data=PICTURE, sha256="ab" * 32)
    assert content_hash(post(images=(honest,))) == content_hash(post(images=(wrong,)))


@pytest.mark.parametrize("loose", [Media(key="a.jpg"), Media(url="https://media.example/a")])
def test_content_that_may_change_behind_its_address_has_no_hash(loose: Media) -> None:
    assert content_hash(post(images=(loose,))) is None
    assert content_hash(post(audio=(Media(data=PICTURE), loose))) is None


def test_hash_is_stable_across_releases() -> None:
    """Decisions are kept for months: another hash would make the worker forget them all."""
    assert (
        content_hash(post(text="Grüß Gott", images=(Media(data=PICTURE),)))
        == "d2eb6d6fb5161bfdc6bfd453f528523f490d48ed1bf851ddbb711bbe1d154a1f"
    )
