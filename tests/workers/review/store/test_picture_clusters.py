"""Pictures that were encoded anew are near-identical; other pictures never are."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select

from rules.matchers import Folder
from schemas import Media, Post
from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, inline, photo, png, post, wav
from workers.review.store import Account
from workers.review.store.audit_table import AuditRow
from workers.review.store.cluster_tables import Cluster
from workers.review.store.likeness import HASH_BYTES, NEAR_PICTURE_BITS, Likeness, likeness

CAT = photo("cat")
JPEG = photo("cat", kind="JPEG", quality=40)
SPAM = "This one weird trick made me rich in a week; write to me and I tell you how it is done."


def shown(name: str, *pictures: bytes, text: str | None = None, audio: bytes | None = None) -> Post:
    sounds = () if audio is None else (inline(audio),)
    return post(name, text=text, images=tuple(map(inline, pictures)), audio=sounds)


def framed(picture: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        frame = Image.new("RGB", (image.width + 40, image.height + 40), (255, 255, 255))
        frame.paste(image, (20, 20))
    buffer = io.BytesIO()
    frame.save(buffer, "PNG")
    return buffer.getvalue()


async def clusters(store: Store, *posts: Post) -> list[int]:
    """The sizes of the clusters that the posts make, in the order of their entries."""
    await store.intake.record(
        [escalation(each, priority=9.0 - place) for place, each in enumerate(posts)]
    )
    items = await store.queue.open_items()
    gathered = await store.queue.gathered(items)
    return [1 + gathered[item.cluster].others for item in items]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(JPEG, id="jpeg"),
        pytest.param(photo("cat", kind="WEBP", quality=30), id="webp"),
        pytest.param(photo("cat", kind="GIF"), id="gif"),
        pytest.param(photo("cat", (512, 384)), id="twice the size"),
        pytest.param(framed(CAT), id="frame"),
    ],
)
async def test_a_picture_that_was_encoded_anew_is_the_same_case(store: Store, again: bytes) -> None:
    assert await clusters(store, shown("one", CAT), shown("two", again)) == [2]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(shown("b", photo("dog")), id="picture"),
        pytest.param(shown("b", JPEG, photo("dog")), id="one more"),
        pytest.param(shown("b", JPEG, text="Look."), id="short text"),
        pytest.param(shown("b", JPEG, text=SPAM), id="long text"),
        pytest.param(shown("b", JPEG, audio=wav()), id="sound"),
        pytest.param(post("b", text=None, images=(Media(url="https://a.example/x"),)), id="away"),
    ],
)
async def test_what_differs_otherwise_stays_by_itself(store: Store, other: Post) -> None:
    assert await clusters(store, shown("a", CAT), other) == [1, 1]


async def test_text_and_every_picture_may_change_a_little(store: Store) -> None:
    first = shown("a", CAT, photo("dog"), text=SPAM)
    changed = SPAM.replace("a week", "a year")
    second = shown("b", JPEG, photo("dog", kind="JPEG", quality=60), text=changed)
    swapped = shown("c", photo("dog"), CAT, text=SPAM)
    assert await clusters(store, first, second, swapped) == [2, 1]


async def test_of_plain_pictures_the_very_same_alone_are_alike(store: Store) -> None:
    """PDQ says little of them: a red and a blue one would be the same."""
    red, blue = png(), png((0, 0, 200))
    posts = (shown("a", red), shown("b", blue), shown("c", red))
    assert await clusters(store, *posts) == [2, 1]


async def test_the_other_picture_is_seen_and_its_view_is_in_the_trail(
    store: Store, ada: Account
) -> None:
    await clusters(store, shown("a", CAT), shown("b", JPEG), shown("c", CAT))
    first, again, copy = (escalation(post(name)).verdict.verdict_id for name in "abc")
    viewed = await store.queue.view(first, ada)
    assert {(mate.item.verdict_id, mate.same, mate.other_pictures) for mate in viewed.mates} == {
        (again, False, True),
        (copy, True, False),
    }
    async with store.database.reading() as session:
        rows = await session.scalars(select(AuditRow.verdict_id).where(AuditRow.event == "view"))
        assert set[UUID | None](rows.all()) == {first, again}


async def test_hashes_of_pictures_go_with_the_content(store: Store) -> None:
    await clusters(store, shown("a", CAT))
    async with store.database.reading() as session:
        assert [len(kept or b"") for kept in await session.scalars(select(Cluster.pictures))] == [
            HASH_BYTES
        ]
    await store.erasure.erase_author("author-1")
    async with store.database.reading() as session:
        assert (await session.scalars(select(Cluster.pictures))).all() == []


@given(st.binary(min_size=32, max_size=32), st.sets(st.integers(0, 255), max_size=15))
def test_hashes_fifteen_bits_apart_always_share_a_key(bits: bytes, flipped: set[int]) -> None:
    changed = int.from_bytes(bits) ^ sum(1 << place for place in flipped)
    one, other = (like(hashes) for hashes in (bits, changed.to_bytes(HASH_BYTES)))
    assert set(one.keys) & set(other.keys)
    assert one.is_like(other.near, other.pictures)


@pytest.mark.parametrize("picture", [0, 1])
def test_each_picture_has_to_be_near(picture: int) -> None:
    one = like(bytes(2 * HASH_BYTES))
    for bits, near in ((NEAR_PICTURE_BITS, True), (NEAR_PICTURE_BITS + 1, False)):
        changed = ((1 << bits) - 1).to_bytes(HASH_BYTES)
        both = [bytes(HASH_BYTES), bytes(HASH_BYTES)]
        both[picture] = changed
        assert one.is_like(one.near, b"".join(both)) is near
    assert not one.is_like(one.near, bytes(HASH_BYTES))
    assert not replace(one, pictures=None).is_like(one.near, one.pictures)


def like(hashes: bytes) -> Likeness:
    pictures = [CAT] * (len(hashes) // HASH_BYTES)
    found = likeness(escalation(shown("a", *pictures)), "toxicity", Folder(), hashes)
    assert found is not None
    return found
