"""Rendering: Jinja2 with autoescape, and the few things that every page gets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from workers.review.web.keys import keys_of
from workers.review.web.languages import PAGE_TAGS, Translate, language_of, translator
from workers.review.web.permissions import may
from workers.review.web.security import Login
from workers.review.web.words import duration, label

HERE: Final = Path(__file__).parent
STATIC_DIR: Final = HERE / "static"


def make_templates() -> Jinja2Templates:
    """The templates. A name that a page lacks is an error, never an empty place."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["label"] = _label
    return Jinja2Templates(env=environment)


@pass_context
def _label(context: Context, name: str) -> str:
    """A name of ours in the page's language."""
    translate: Translate = context["t"]
    return translate(label(name))


def reader(request: Request) -> Translate:
    """What says English sentences in the language of whoever asks."""
    return translator(language_of(request))


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    login: Login | None = None,
    status_code: int = 200,
) -> Response:
    """A page or a piece of one, in the reader's language.

    ``may`` tells templates what the login's role allows, ``t`` translates, ``span`` says durations.
    """
    language = language_of(request)
    translate = translator(language)

    def allowed(method: str, path: str) -> bool:
        return login is not None and may(login.role, method, path)

    templates: Jinja2Templates = request.app.state.templates
    return templates.TemplateResponse(
        request,
        template,
        {
            "login": login,
            "may": allowed,
            "t": translate,
            "span": partial(duration, t=translate),
            "keys": keys_of(request),
            "language": language,
            "page_tag": PAGE_TAGS[language],
            **(context or {}),
        },
        status_code=status_code,
    )
