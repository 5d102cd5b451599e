"""Everything that the console refuses, in one tree.

ReviewError
├── ItemNotFoundError       no such item
├── ItemClosedError         decided, superseded or withdrawn before
├── ClaimTakenError         another reviewer holds the item
├── StaleClaimError         the claim number is not the item's newest
├── MissingCategoryError    a restriction without a category
├── LoginRefusedError       wrong name or password
├── TooManyLoginsError      wait before the next try
├── SignedOutError          no session, or one that ended
├── ForgedRequestError      a POST without the session's CSRF token
├── BadRequestError         a field of a form is missing or out of bounds
├── AccountError            an account cannot be made or changed
├── AddressError            the console cannot listen where it should
└── MediaUnavailableError   a medium cannot be shown, and why
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class ReviewError(Exception):
    """Base of the tree. ``str(error)`` is a sentence for the reviewer; ``status`` is for HTTP."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR


class ItemNotFoundError(ReviewError):
    """There is no item under this id."""

    status = HTTPStatus.NOT_FOUND


class ItemClosedError(ReviewError):
    """The item is no longer open."""

    status = HTTPStatus.CONFLICT


class ClaimTakenError(ReviewError):
    """Another reviewer holds the item."""

    status = HTTPStatus.CONFLICT


class StaleClaimError(ReviewError):
    """The claim is not the newest one on the item: it ran out and somebody claimed after it."""

    status = HTTPStatus.CONFLICT


class MissingCategoryError(ReviewError):
    """A restriction was asked for without saying what it is for."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class LoginRefusedError(ReviewError):
    """The name or the password is wrong; which of the two is not said."""

    status = HTTPStatus.UNAUTHORIZED


class TooManyLoginsError(ReviewError):
    """Too many failures lately.

    Attributes:
        retry_after_seconds: when the next try makes sense.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SignedOutError(ReviewError):
    """The page needs a login."""

    status = HTTPStatus.UNAUTHORIZED


class ForgedRequestError(ReviewError):
    """The request did not come from a page of this session."""

    status = HTTPStatus.FORBIDDEN


class BadRequestError(ReviewError):
    """A form's field is missing or out of bounds."""

    status = HTTPStatus.BAD_REQUEST


class AccountError(ReviewError):
    """An account cannot be made or changed as asked."""

    status = HTTPStatus.CONFLICT


class AddressError(ReviewError):
    """The address to listen on is taken, or not ours."""


class MediaUnavailableError(ReviewError):
    """A medium cannot be shown; the message says why."""

    status = HTTPStatus.NOT_FOUND
