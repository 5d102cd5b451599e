"""What the API takes and gives of accounts and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from schemas.base import storable
from workers.review.store import Role
from workers.review.store.tokens import LONGEST_NAME
from workers.review.web.api.shapes import Shape


class AccountShown(Shape):
    """Who may log in."""

    account_id: UUID
    name: str
    pseudonym: str
    """The name that leaves the console."""
    role: Role
    active: bool


class AccountWanted(Shape):
    """A new account."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    role: Role = Role.REVIEWER


class AccountMade(AccountShown):
    """A new account with its first password."""

    password: str
    """Shown this once."""


class PasswordMade(Shape):
    """A new password."""

    password: str
    """Shown this once."""


class RoleWanted(Shape):
    """Another role."""

    role: Role


class ActiveWanted(Shape):
    """Whether the account is in use."""

    active: bool


class TokenWanted(Shape):
    """A new token of an account."""

    account_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(storable)] = (
        "api"
    )
    """What it is for."""
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    """Until it is over; without it 90, or as long as the caller's own token if that ends sooner."""


class TokenShown(Shape):
    """A token; what it is made of is shown once, when it is made."""

    token_id: UUID
    account_id: UUID
    name: str
    created_at: datetime
    expires_at: datetime


class TokenMade(TokenShown):
    """A new token."""

    token: str
    """For the header `Authorization: Bearer`; shown this once."""
