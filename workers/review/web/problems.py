"""How the API says that a request was refused: RFC 9457, ``application/problem+json``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

API_PATHS: Final = "/api/"
MOST_PLACES: Final = 8
"""Places that a refusal names: enough to mend a request, short enough to read."""


def asks_api(request: Request) -> bool:
    """Whether a program asks, and not a browser."""
    return request.url.path.startswith(API_PATHS)


def problem(status: HTTPStatus, detail: str) -> Response:
    """The refusal as JSON."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(
        body, status_code=status, headers=headers, media_type="application/problem+json"
    )


def unreadable(error: RequestValidationError) -> Response:
    """What is wrong with the request and where; it does not quote what was sent."""
    found = error.errors()
    places = "; ".join(
        f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in found[:MOST_PLACES]
    )
    more = f"; and {len(found) - MOST_PLACES} more" if len(found) > MOST_PLACES else ""
    # What a user sent can stand in the names of places, and no text of ours holds a surrogate.
    said = f"{places}{more}".encode(errors="replace").decode()
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, said)
