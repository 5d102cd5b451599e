"""The HTTP application: routes, guards, and how errors are shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from workers.review.errors import ReviewError, SignedOutError, TooManyRequestsError
from workers.review.web import (
    accounts,
    audit,
    figures,
    item,
    item_media,
    item_page,
    login,
    quality,
    queue,
    single_sign_on,
    status,
    wellbeing,
)
from workers.review.web.api import API_PREFIX, ROUTERS, openapi_document
from workers.review.web.console import Console
from workers.review.web.pages import STATIC_DIR, make_templates, reader, render
from workers.review.web.permissions import authorise, methods_at
from workers.review.web.problems import asks_api, problem, unreadable
from workers.review.web.refusals import refusals
from workers.review.web.security import SecurityHeaders

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_application(console: Console, lifespan: Lifespan | None = None) -> FastAPI:
    """The console as an ASGI application.

    Args:
        console: the parts behind the pages.
        lifespan: what runs beside the pages, if anything.
    """
    app = FastAPI(
        title="Moderation review",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        dependencies=[Depends(authorise)],
    )
    app.state.console = console
    app.state.templates = make_templates()
    app.add_middleware(SecurityHeaders, behind_https=console.behind_https)
    items = (item_page, item, item_media)
    pages = (queue, *items, accounts, audit, figures, quality, wellbeing, login, status)
    for part in (*pages, single_sign_on):
        app.include_router(part.router)
    for router in ROUTERS:
        app.include_router(router)

    @app.get(f"{API_PREFIX}/openapi.json", include_in_schema=True)
    async def document() -> JSONResponse:
        """The OpenAPI document of the API."""
        return JSONResponse(openapi_document(app, API_PREFIX))

    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    app.add_exception_handler(ReviewError, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    refusal = cast("ReviewError", error)
    api = asks_api(request)
    if isinstance(refusal, SignedOutError) and not api:
        return _to_login(request)
    say = problem if api else partial(_error_page, request)
    page = say(refusal.status, str(refusal))
    if isinstance(refusal, TooManyRequestsError):
        page.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return page


async def _http_error(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    status_code = HTTPStatus(refusal.status_code)
    said = f"{status_code.description or status_code.phrase}."
    say = problem if asks_api(request) else partial(_error_page, request)
    page = say(status_code, said)
    page.headers.update(refusal.headers or {})
    if status_code is HTTPStatus.METHOD_NOT_ALLOWED:
        page.headers["Allow"] = ", ".join(sorted(methods_at(request.url.path)))
    return page


async def _unreadable(request: Request, error: Exception) -> Response:
    if asks_api(request):
        return unreadable(cast("RequestValidationError", error))
    return _error_page(
        request, HTTPStatus.NOT_FOUND, "There is no such page. Go back to the queue."
    )


def _to_login(request: Request) -> Response:
    if request.headers.get("HX-Request"):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/login"})
    if request.method not in {"GET", "HEAD"}:
        return _error_page(
            request,
            HTTPStatus.UNAUTHORIZED,
            "Your session has ended. Sign in again; what you sent was not saved.",
        )
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(path, safe='')}", HTTPStatus.SEE_OTHER)


def _error_page(request: Request, status_code: HTTPStatus, message: str) -> Response:
    return render(
        request,
        "error.html",
        {"title": reader(request)(status_code.phrase), "message": refusals(request)(message)},
        status_code=status_code,
    )
