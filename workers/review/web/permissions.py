"""Who may do what: one table, route by role, and the one place that asks it.

A route that is not in the table is closed to everybody, so forgetting an entry opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.routing import compile_path

from workers.personal_data import masked
from workers.review.errors import ForbiddenError, SignedOutError
from workers.review.store import Role
from workers.review.web.console import Console, console_of
from workers.review.web.problems import asks_api
from workers.review.web.security import Login, read_login, read_token

ANYONE: Final = "anyone"
"""No login needed: the login page itself, and numbers for machines."""
EVERY_ROLE: Final = frozenset(Role)
DECIDERS: Final = frozenset({Role.REVIEWER, Role.SENIOR, Role.ADMIN})
QUALITY_KEEPERS: Final = frozenset({Role.SENIOR, Role.POLICY, Role.ADMIN})
"""Who looks after golden posts. Reviewers must not know them."""
ADMINS: Final = frozenset({Role.ADMIN})

PERMISSIONS: Final[Mapping[tuple[str, str], frozenset[Role] | str]] = {
    ("GET", "/login"): ANYONE,
    ("POST", "/login"): ANYONE,
    ("GET", "/login/oidc"): ANYONE,
    ("GET", "/login/oidc/callback"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("POST", "/logout"): EVERY_ROLE,
    ("GET", "/"): EVERY_ROLE,
    ("GET", "/queue"): EVERY_ROLE,
    ("POST", "/next"): DECIDERS,
    ("POST", "/ahead"): DECIDERS,
    ("GET", "/wellbeing"): EVERY_ROLE,
    ("POST", "/wellbeing/consent"): EVERY_ROLE,
    ("POST", "/wellbeing/withdraw"): EVERY_ROLE,
    ("POST", "/wellbeing/language"): EVERY_ROLE,
    ("POST", "/wellbeing/keys"): EVERY_ROLE,
    ("GET", "/items/{verdict_id}"): EVERY_ROLE,
    ("GET", "/items/{verdict_id}/media/{modality}/{index}"): EVERY_ROLE,
    ("GET", "/items/{verdict_id}/sounds/{index}/picture"): EVERY_ROLE,
    ("POST", "/items/{verdict_id}/claim"): DECIDERS,
    ("POST", "/items/{verdict_id}/heartbeat"): DECIDERS,
    ("POST", "/items/{verdict_id}/release"): DECIDERS,
    ("POST", "/items/{verdict_id}/decide"): DECIDERS,
    ("POST", "/items/{verdict_id}/undo"): DECIDERS,
    ("POST", "/items/{verdict_id}/golden"): QUALITY_KEEPERS,
    ("GET", "/figures"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/figures.csv"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/quality"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/quality.csv"): EVERY_ROLE - {Role.REVIEWER},
    ("POST", "/quality/golden/{verdict_id}/retire"): QUALITY_KEEPERS,
    ("GET", "/audit"): frozenset({Role.AUDITOR, Role.ADMIN}),
    ("GET", "/api/v1/openapi.json"): ANYONE,
    ("GET", "/api/v1/queues"): EVERY_ROLE,
    ("GET", "/api/v1/items"): EVERY_ROLE,
    ("POST", "/api/v1/items/next"): DECIDERS,
    ("GET", "/api/v1/items/{item_id}"): EVERY_ROLE,
    ("GET", "/api/v1/items/{item_id}/media/{modality}/{index}"): EVERY_ROLE,
    ("GET", "/api/v1/items/{item_id}/sounds/{index}/picture"): EVERY_ROLE,
    ("POST", "/api/v1/items/{item_id}/claim"): DECIDERS,
    ("PUT", "/api/v1/items/{item_id}/claim"): DECIDERS,
    ("DELETE", "/api/v1/items/{item_id}/claim"): DECIDERS,
    ("POST", "/api/v1/items/{item_id}/decision"): DECIDERS,
    ("DELETE", "/api/v1/items/{item_id}/decision"): DECIDERS,
    ("POST", "/api/v1/appeals"): frozenset({Role.SENIOR, Role.ADMIN}),
    ("GET", "/api/v1/appeals"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/api/v1/appeals/{appeal_id}"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/api/v1/audit"): frozenset({Role.AUDITOR, Role.ADMIN}),
    ("GET", "/api/v1/audit/check"): frozenset({Role.AUDITOR, Role.ADMIN}),
    ("GET", "/api/v1/figures"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/api/v1/quality"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/api/v1/statements"): EVERY_ROLE - {Role.REVIEWER},
    ("GET", "/api/v1/golden-posts"): EVERY_ROLE - {Role.REVIEWER},
    ("PUT", "/api/v1/golden-posts/{item_id}"): QUALITY_KEEPERS,
    ("DELETE", "/api/v1/golden-posts/{item_id}"): QUALITY_KEEPERS,
    ("GET", "/api/v1/wellbeing"): EVERY_ROLE,
    ("PUT", "/api/v1/wellbeing/consent"): EVERY_ROLE,
    ("DELETE", "/api/v1/wellbeing/consent"): EVERY_ROLE,
    ("POST", "/api/v1/authors/export"): ADMINS,
    ("POST", "/api/v1/authors/erase"): ADMINS,
    ("GET", "/api/v1/accounts"): ADMINS,
    ("POST", "/api/v1/accounts"): ADMINS,
    ("PUT", "/api/v1/accounts/{account_id}/role"): ADMINS,
    ("PUT", "/api/v1/accounts/{account_id}/active"): ADMINS,
    ("POST", "/api/v1/accounts/{account_id}/password"): ADMINS,
    ("GET", "/api/v1/tokens"): ADMINS,
    ("POST", "/api/v1/tokens"): ADMINS,
    ("DELETE", "/api/v1/tokens/{token_id}"): ADMINS,
    ("GET", "/api/v1/webhooks"): ADMINS,
    ("POST", "/api/v1/webhooks"): ADMINS,
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): ADMINS,
    ("GET", "/api/v1/webhooks/{webhook_id}/deliveries"): ADMINS,
    ("GET", "/accounts"): ADMINS,
    ("POST", "/accounts/{account_id}/role"): ADMINS,
}

SEES_PERSONAL_DATA: Final = frozenset({Role.SENIOR, Role.ADMIN})
"""Mail addresses, phone numbers and handles in a post are masked for everybody else."""


def methods_at(path: str) -> set[str]:
    """What may be asked of an address, by whomever."""
    return {method for method, pattern in PERMISSIONS if compile_path(pattern)[0].fullmatch(path)}


def may(role: Role, method: str, path: str) -> bool:
    """Whether the role may use the route; ``path`` with its braces, as the table has it."""
    allowed = PERMISSIONS.get((method, path), frozenset())
    return allowed == ANYONE or role in allowed


async def authorise(request: Request, console: Annotated[Console, Depends(console_of)]) -> None:
    """Run before every route: find who asks, how often, and whether they may.

    Raises:
        SignedOutError: the route needs a login and there is none.
        TooManyRequestsError: the login has asked too often.
        ForbiddenError: the role may not use the route.
    """
    path = request.scope["route"].path
    if PERMISSIONS.get((request.method, path)) == ANYONE:
        return
    # A program shows its token and a browser its cookie; neither passes for the other, so no page
    # of another site can make a browser speak to the API.
    read = read_token if asks_api(request) else read_login
    login = await read(request, console)
    if login is None:
        raise SignedOutError("Sign in to go on, or show a token that is not over.")
    console.requests.take(login.session_id)
    if not may(login.role, request.method, path):
        raise ForbiddenError(
            f"Your role, {login.role}, does not allow this. Ask an admin if your work needs it."
        )
    request.state.login = login


def sees_personal_data(login: Login) -> bool:
    """Whether a post's mail addresses, phone numbers and handles are shown to the login."""
    return login.role in SEES_PERSONAL_DATA


def shown_to(login: Login) -> Callable[[str], str]:
    """Masks personal data in a text, unless the login may see it."""
    return _as_it_is if sees_personal_data(login) else masked


def _as_it_is(text: str) -> str:
    return text
