"""Whom a valid id token names, and what they may do here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.review.errors import NoRoleError, SignInRefusedError
from workers.review.roles import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in at the provider: issuer and subject together are for ever one person."""

    issuer: str
    subject: str
    name: str
    """How they like to be called there; another person may be called the same."""
    role: Role | None
    """None where the provider gives them none: then they may not come in."""


def person(
    claims: Mapping[str, Any],
    *,
    role_claim: str,
    roles: Mapping[str, Role],
    domains: Sequence[str],
) -> Person:
    """Read a validated id token's claims.

    Args:
        claims: of the token.
        role_claim: name of the claim with roles or groups, with dots inside objects.
        roles: ours by theirs; the first that the person has holds.
        domains: of mail addresses that may come in; none: all.

    Raises:
        SignInRefusedError: the mail address is of another domain, or was not verified.
    """
    mail = str(claims.get("email", ""))
    if domains:
        _require_domain(mail, verified=claims.get("email_verified") is True, domains=domains)
    theirs = set(_values(claims, role_claim))
    return Person(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=str(claims.get("preferred_username") or mail).partition("@")[0],
        role=next((ours for name, ours in roles.items() if name in theirs), None),
    )


def require_role(who: Person) -> Role:
    """The person's role.

    Raises:
        NoRoleError: they have none.
    """
    if who.role is None:
        raise NoRoleError(
            "You have no role in the console. Ask whoever runs your sign-in provider for one."
        )
    return who.role


def _require_domain(mail: str, *, verified: bool, domains: Sequence[str]) -> None:
    if not verified or mail.rpartition("@")[2].lower() not in domains:
        raise SignInRefusedError(
            "Your mail address is not verified, or of a domain that may not sign in here."
        )


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """The strings under a claim; a name with dots that is itself a claim is taken as it is."""
    found: object = claims
    for step in [name] if name in claims else name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    several = found if isinstance(found, list) else [found]
    return [value for value in several if isinstance(value, str)]
