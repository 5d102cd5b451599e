"""Only what belongs to the post is served, as what it is, and never from an address in it."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas import Media, Post
from tests.workers.review.samples import escalation, inline, png, post, wav
from tests.workers.review.web.conftest import Visitor
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.store import AuditEvent
from workers.review.store.audit_table import AuditRow

ITEM = escalation().verdict.verdict_id


def bomb() -> bytes:
    """A PNG of 57 bytes that claims 400 megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


async def shown(process: ReviewProcess, of: Post) -> None:
    await process.parts.intake.record([escalation(of)])


def image(media: Media) -> Post:
    return post(images=(media,))


async def test_a_picture_comes_as_what_its_bytes_are_whatever_the_post_says(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await shown(process, image(inline(png(), "text/html")))
    response = await reviewer.http.get(f"/items/{ITEM}/media/image/0")

    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.content == png()


async def views(process: ReviewProcess) -> list[dict[str, str] | None]:
    async with process.database.reading() as session:
        found = select(AuditRow.detail).where(AuditRow.event == AuditEvent.VIEW_MEDIUM)
        return list(await session.scalars(found.order_by(AuditRow.row_id)))


async def test_each_medium_that_is_fetched_is_in_the_trail_once_a_claim(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await shown(process, post(images=(inline(png()),), audio=(inline(wav()),)))
    for _ in range(2):
        for path in ("media/image/0", "media/audio/0", "sounds/0/picture"):
            assert (await reviewer.http.get(f"/items/{ITEM}/{path}")).status_code == 200
    assert (await reviewer.http.get(f"/items/{ITEM}/media/image/1")).status_code == 404
    await reviewer.claim(ITEM)
    await reviewer.http.get(f"/items/{ITEM}/media/image/0")
    assert await views(process) == [
        {"medium": "image 1", "claim": "0"},
        {"medium": "audio 1", "claim": "0"},
        {"medium": "image 1", "claim": "1"},
    ]


async def test_the_restricted_lane_is_seen_by_those_alone_who_agreed(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    grave = escalation(image(inline(png())), scores={"self_harm": 0.9}, reasons=())
    await process.parts.intake.record([grave])
    paths = (f"/items/{ITEM}", f"/items/{ITEM}/media/image/0")
    assert [(await reviewer.http.get(path)).status_code for path in paths] == [403, 403]
    assert await views(process) == []
    await reviewer.get("/wellbeing")
    await reviewer.post("/wellbeing/consent")
    assert [(await reviewer.http.get(path)).status_code for path in paths] == [200, 200]


async def test_a_sound_comes_as_sound(process: ReviewProcess, reviewer: Visitor) -> None:
    await shown(process, post(audio=(inline(wav()),)))
    response = await reviewer.http.get(f"/items/{ITEM}/media/audio/0")
    assert response.headers["content-type"] == "audio/wav"


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        bomb(),
        b"\x89PNG\r\n\x1a\nbroken",
    ],
)
async def test_what_is_no_harmless_picture_is_not_served(
    process: ReviewProcess, reviewer: Visitor, content: bytes
) -> None:
    await shown(process, image(inline(content, "image/png")))
    response = await reviewer.http.get(f"/items/{ITEM}/media/image/0")

    assert response.status_code == 404
    assert content not in response.content
    assert "Image 1 cannot be shown" in (await reviewer.get(f"/items/{ITEM}")).text


async def test_an_object_is_read_from_the_store_by_its_key(
    process: ReviewProcess, reviewer: Visitor, settings: ReviewSettings
) -> None:
    assert settings.media_dir is not None
    (settings.media_dir / "a").mkdir()
    (settings.media_dir / "a" / "red.png").write_bytes(png())
    digest = hashlib.sha256(png()).hexdigest()
    await shown(process, image(Media(key="a/red.png", sha256=digest)))

    assert (await reviewer.http.get(f"/items/{ITEM}/media/image/0")).content == png()


async def test_bytes_that_were_swapped_in_the_store_are_not_shown(
    process: ReviewProcess, reviewer: Visitor, settings: ReviewSettings
) -> None:
    assert settings.media_dir is not None
    (settings.media_dir / "red.png").write_bytes(png((0, 0, 255)))
    digest = hashlib.sha256(png()).hexdigest()
    await shown(process, image(Media(key="red.png", sha256=digest)))

    assert (await reviewer.http.get(f"/items/{ITEM}/media/image/0")).status_code == 404


@pytest.mark.parametrize(
    "key", ["../secret.png", "/{root}/secret.png", "link.png", "a/../../secret.png"]
)
async def test_a_key_that_leads_out_of_the_store_is_refused(
    process: ReviewProcess, reviewer: Visitor, tmp_path: Path, key: str
) -> None:
    (tmp_path / "secret.png").write_bytes(png((1, 2, 3)))
    (tmp_path / "media" / "link.png").symlink_to(tmp_path / "secret.png")
    await shown(process, image(Media(key=key.replace("{root}", str(tmp_path)))))

    response = await reviewer.http.get(f"/items/{ITEM}/media/image/0")
    assert response.status_code == 404
    assert png((1, 2, 3)) not in response.content


async def test_an_outside_address_is_named_and_never_visited(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await shown(process, image(Media(url="https://example.org/cat.png")))

    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "which the console does not visit" in page
    assert 'src="https://' not in page
    assert 'href="https://' not in page
    assert (await reviewer.http.get(f"/items/{ITEM}/media/image/0")).status_code == 404


@pytest.mark.parametrize("path", ["image/1", "audio/0", "text/0", "image/-1", "image/x", "..%2f/0"])
async def test_what_the_post_does_not_have_is_not_found(
    process: ReviewProcess, reviewer: Visitor, path: str
) -> None:
    await shown(process, image(inline(png())))
    assert (await reviewer.http.get(f"/items/{ITEM}/media/{path}")).status_code == 404
