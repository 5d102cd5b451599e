"""Everything that the console refuses, in one tree.

ReviewError
├── ItemNotFoundError       no such item
├── AppealNotFoundError     no such appeal
├── ItemClosedError         decided, superseded, withdrawn or expired before
├── ContentErasedError      the item's content is no longer kept
├── ClaimTakenError         another reviewer holds the item
├── StaleClaimError         the claim number is not the item's newest
├── BarredError             the item is for another reviewer
├── RestError               enough for now: a break is due, or the day is full
├── ConsentError            the restricted lane is for those who agreed to it
├── TooLateError            a decision can no longer be undone
├── MissingCategoryError    a restriction without a category
├── LoginRefusedError       wrong name or password
├── SignInRefusedError      the provider's word is not enough to come in
│   └── NoRoleError         it gives the person no role
├── ProviderError           the sign-in provider does not do its part
├── TooManyRequestsError    wait before the next one
│   └── TooManyLoginsError  too many failures
├── SignedOutError          no session, or one that ended
├── ForbiddenError          the role does not allow it
├── ForgedRequestError      a POST without the session's CSRF token
├── BadRequestError         a field of a form is missing or out of bounds
├── AccountError            an account cannot be made or changed
├── WebhookError            a webhook cannot be made, or there is none
├── TooLargeError           a request's body is over the limit
├── GoldenPostError         it cannot become a golden post, or is none
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


class AppealNotFoundError(ReviewError):
    """There is no appeal under this id."""

    status = HTTPStatus.NOT_FOUND


class ItemClosedError(ReviewError):
    """The item is no longer open."""

    status = HTTPStatus.CONFLICT


class ContentErasedError(ReviewError):
    """The content was withdrawn, erased or kept for as long as it may be."""

    status = HTTPStatus.GONE


class ClaimTakenError(ReviewError):
    """Another reviewer holds the item."""

    status = HTTPStatus.CONFLICT


class StaleClaimError(ReviewError):
    """The claim is not the newest one on the item: it ran out and somebody claimed after it."""

    status = HTTPStatus.CONFLICT


class BarredError(ReviewError):
    """Another reviewer has to decide this item."""

    status = HTTPStatus.FORBIDDEN


class RestError(ReviewError):
    """A break is due, or the day is full."""

    status = HTTPStatus.CONFLICT


class ConsentError(ReviewError):
    """The item is of the restricted lane, and the account did not agree to see it."""

    status = HTTPStatus.FORBIDDEN


class TooLateError(ReviewError):
    """The decision is on its way already, or what it was about has changed."""

    status = HTTPStatus.CONFLICT


class MissingCategoryError(ReviewError):
    """A restriction was asked for without saying what it is for."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class LoginRefusedError(ReviewError):
    """The name or the password is wrong; which of the two is not said."""

    status = HTTPStatus.UNAUTHORIZED


class SignInRefusedError(ReviewError):
    """What the sign-in provider said does not let the person in."""

    status = HTTPStatus.FORBIDDEN


class NoRoleError(SignInRefusedError):
    """The person is known to the provider, and has no role here."""


class ProviderError(ReviewError):
    """The sign-in provider does not answer, or not as it should."""

    status = HTTPStatus.BAD_GATEWAY


class TooManyRequestsError(ReviewError):
    """Too many requests lately.

    Attributes:
        retry_after_seconds: when the next try makes sense.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TooManyLoginsError(TooManyRequestsError):
    """Too many failed logins lately."""


class SignedOutError(ReviewError):
    """The page needs a login."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(ReviewError):
    """The login's role may not do this."""

    status = HTTPStatus.FORBIDDEN


class ForgedRequestError(ReviewError):
    """The request did not come from a page of this session."""

    status = HTTPStatus.FORBIDDEN


class BadRequestError(ReviewError):
    """A form's field is missing or out of bounds."""

    status = HTTPStatus.BAD_REQUEST


class AccountError(ReviewError):
    """An account cannot be made or changed as asked."""

    status = HTTPStatus.CONFLICT


class WebhookError(ReviewError):
    """A webhook cannot be made as asked, or there is none in use."""

    status = HTTPStatus.CONFLICT


class TooLargeError(ReviewError):
    """The body of a request is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class GoldenPostError(ReviewError):
    """An item cannot become a golden post, or is none."""

    status = HTTPStatus.CONFLICT


class AddressError(ReviewError):
    """The address to listen on is taken, or not ours."""


class MediaUnavailableError(ReviewError):
    """A medium cannot be shown; the message says why."""

    status = HTTPStatus.NOT_FOUND
