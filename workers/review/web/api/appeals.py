"""Appeals for programs: handing one in, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from schemas import TOPICS, Appeal
from workers.review.errors import TooLargeError
from workers.review.store import AppealState
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.record_models import AppealShown
from workers.review.web.api.shapes import Limit, Offset
from workers.review.web.api.shown import appeal_shown
from workers.review.web.permissions import shown_to
from workers.review.web.security import SignedIn, TheConsole

LARGEST_BODY: Final = TOPICS.appeals.max_record_bytes
"""What fits on the topic fits here."""

COMPONENT_REFERENCE: Final = "#/components/schemas/{model}"

router = APIRouter(tags=["appeals"], prefix=API_PREFIX)


async def appeal_of(request: Request) -> Appeal:
    """The appeal in the request's body, as strict as on the topic.

    Raises:
        TooLargeError: it is longer than a record on the topic may be.
        RequestValidationError: it breaks the contract.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise TooLargeError(f"An appeal has at most {LARGEST_BODY:,} bytes.")
    try:
        return Appeal.from_bytes(bytes(body))
    except ValidationError as error:
        raise RequestValidationError(
            error.errors(include_input=False, include_url=False, include_context=False)
        ) from None


def appeal_body() -> dict[str, Any]:
    """The body of the request for the OpenAPI document."""
    schema = {"$ref": COMPONENT_REFERENCE.format(model=Appeal.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post("/appeals", status_code=202, openapi_extra=appeal_body())
async def hand_in(
    appeal: Annotated[Appeal, Depends(appeal_of)], login: SignedIn, console: TheConsole
) -> AppealShown:
    """Contest a verdict. The same appeal handed in again is answered with how it stands.

    A second appeal against the same verdict is 404: the first one's id leads to the answer.
    """
    console.metrics.count_appeals(await console.parts.appeals.record([appeal]))
    row = await console.parts.appeals.get(appeal.appeal_id)
    return appeal_shown(row, shown_to(login))


@router.get("/appeals")
async def appeals(
    login: SignedIn,
    console: TheConsole,
    state: AppealState | None = None,
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> list[AppealShown]:
    """Appeals, the newest first."""
    rows = await console.parts.appeals.newest(state=state, limit=limit, offset=offset)
    return [appeal_shown(row, shown_to(login)) for row in rows]


@router.get("/appeals/{appeal_id}")
async def appeal(appeal_id: UUID, login: SignedIn, console: TheConsole) -> AppealShown:
    """One appeal."""
    return appeal_shown(await console.parts.appeals.get(appeal_id), shown_to(login))
