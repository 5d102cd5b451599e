"""The pictures and sounds of an item, for programs."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from schemas import Modality
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.item_media import served
from workers.review.web.media import AUDIO_TYPES, IMAGE_TYPES
from workers.review.web.security import SignedIn, TheConsole

Place = Annotated[int, Path(ge=0, le=64)]

BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in (*IMAGE_TYPES.values(), *AUDIO_TYPES)}}
}
DRAWN: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/png": {}}}}

router = APIRouter(tags=["items"], prefix=API_PREFIX)


@router.get("/items/{item_id}/media/{modality}/{index}", response_class=Response, responses=BYTES)
async def media(
    item_id: UUID,
    modality: Modality,
    index: Place,
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """The bytes of one picture or sound, under the type that they are."""
    medium = await console.parts.queue.view_medium(item_id, login.account, modality, index)
    return served(await console.shelf.open(modality, medium))


@router.get("/items/{item_id}/sounds/{index}/picture", response_class=Response, responses=DRAWN)
async def picture_of_sound(
    item_id: UUID, index: Place, login: SignedIn, console: TheConsole
) -> Response:
    """Waveform and spectrogram (0 to 8 kHz) of a sound, to look at before it is heard."""
    queue = console.parts.queue
    sound = await queue.view_medium(item_id, login.account, Modality.AUDIO, index)
    return served(await console.shelf.picture(sound))
