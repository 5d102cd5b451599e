"""Whether an id token is the provider's word, for us, now, and on this very request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workers.review.errors import SignInRefusedError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
"""Signatures by a private key alone: neither ``none`` nor what the client's secret could make."""
LEEWAY_SECONDS: Final = 60
"""How far the provider's clock and ours may be apart."""


def key_id_of(token: str) -> str | None:
    """Which key the token says that it was signed with.

    Raises:
        SignInRefusedError: it is no signed token.
    """
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise _refusal() from error
    key_id = header.get("kid")
    return key_id if isinstance(key_id, str) else None


def validated(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> Mapping[str, Any]:
    """The token's claims, after OpenID Connect Core 1.0, section 3.1.3.7.

    Raises:
        SignInRefusedError: the signature is not the provider's, or the token is over, for
            another client, or not an answer to this request.
    """
    try:
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
            },
            params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise _refusal() from error
    return dict(claims)


def _refusal() -> SignInRefusedError:
    return SignInRefusedError(
        "What the sign-in provider said about you cannot be trusted. Sign in again; if it stays "
        "so, tell whoever runs the console."
    )
