"""Names and passwords of local accounts: what they may be, and how one is made up."""

from __future__ import annotations

import re
import secrets
from typing import Final

from workers.review.errors import AccountError

ACCOUNT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LEAST_PASSWORD_LENGTH: Final = 12
"""Characters. NIST SP 800-63B asks for 8 at least, OWASP for more where no second factor stands."""
MOST_PASSWORD_LENGTH: Final = 256
"""Characters; a bound on the work that a login form can ask for."""
GENERATED_PASSWORD_BYTES: Final = 15
"""120 bits: 20 characters of base64."""

NO_PASSWORD: Final = "!"  # noqa: S105 - says that there is none
"""In place of a hash: the person signs in with a provider."""


def generated_password() -> str:
    """A password that nobody has to think up: 120 random bits."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)


def check_name(name: str) -> None:
    """Refuse what is no login name.

    Raises:
        AccountError: it is too long, or holds other characters than names have.
    """
    if not ACCOUNT_NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} is no login name: use 1 to 64 of a-z, 0-9, dot, dash and underscore, "
            f"beginning with a letter or digit."
        )


def check_password(password: str) -> None:
    """Refuse a password that is easy to guess by its length, or too much work to check.

    Raises:
        AccountError: it is too short or too long.
    """
    if not LEAST_PASSWORD_LENGTH <= len(password) <= MOST_PASSWORD_LENGTH:
        raise AccountError(
            f"The password has {len(password)} characters; use {LEAST_PASSWORD_LENGTH} to "
            f"{MOST_PASSWORD_LENGTH}."
        )
