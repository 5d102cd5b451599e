"""The pictures and sounds of an item."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from schemas import Media, Modality
from workers.review.errors import MediaUnavailableError
from workers.review.web.console import Console
from workers.review.web.recent import ShownMedia
from workers.review.web.security import MEDIA_POLICY, SignedIn, TheConsole

router = APIRouter(prefix="/items/{verdict_id}")


@router.get("/media/{modality}/{index}")
async def media(
    verdict_id: UUID,
    modality: Modality,
    index: Annotated[int, Path(ge=0, le=64)],
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """The bytes of one picture or sound, as a type that a browser shows and does not run."""
    del login
    medium = await medium_of(console, verdict_id, modality, index)
    return served(await console.shelf.open(modality, medium))


@router.get("/sounds/{index}/picture")
async def picture_of_sound(
    verdict_id: UUID,
    index: Annotated[int, Path(ge=0, le=64)],
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """Waveform and spectrogram of a sound, to look at before it is heard."""
    del login
    sound = await medium_of(console, verdict_id, Modality.AUDIO, index)
    return served(await console.shelf.picture(sound))


async def medium_of(console: Console, verdict_id: UUID, modality: Modality, index: int) -> Media:
    """One picture or sound of an item's post.

    Raises:
        ItemNotFoundError: there is no such item.
        ContentErasedError: its content is no longer kept.
        MediaUnavailableError: the post has none of that number.
    """
    post = (await console.parts.queue.content(verdict_id)).post
    held: dict[Modality, tuple[Media, ...]] = {
        Modality.IMAGE: post.images,
        Modality.AUDIO: post.audio,
    }
    of_kind = held.get(modality, ())
    if index >= len(of_kind):
        raise MediaUnavailableError(f"The post has no {modality} number {index + 1}.")
    return of_kind[index]


def served(shown: ShownMedia) -> Response:
    """The bytes, so that whatever they are can load and run nothing."""
    return Response(
        shown.content,
        media_type=shown.content_type,
        headers={"Content-Security-Policy": MEDIA_POLICY, "Content-Disposition": "inline"},
    )
