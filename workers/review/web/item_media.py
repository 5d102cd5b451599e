"""The pictures and sounds of an item."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from schemas import Modality
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
    medium = await console.parts.queue.view_medium(verdict_id, login.account, modality, index)
    return served(await console.shelf.open(modality, medium))


@router.get("/sounds/{index}/picture")
async def picture_of_sound(
    verdict_id: UUID,
    index: Annotated[int, Path(ge=0, le=64)],
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """Waveform and spectrogram of a sound, to look at before it is heard."""
    queue = console.parts.queue
    sound = await queue.view_medium(verdict_id, login.account, Modality.AUDIO, index)
    return served(await console.shelf.picture(sound))


def served(shown: ShownMedia) -> Response:
    """The bytes, so that whatever they are can load and run nothing."""
    return Response(
        shown.content,
        media_type=shown.content_type,
        headers={"Content-Security-Policy": MEDIA_POLICY, "Content-Disposition": "inline"},
    )
