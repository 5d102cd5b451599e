"""The authorization code flow: where a browser is sent, and whom it comes back as.

Nothing is kept between the two but a signed cookie with a random id. State, nonce and PKCE
verifier are keyed hashes of it, so that they never stand in the browser before they are used.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from workers.review.clock import Clock
from workers.review.errors import SignInRefusedError
from workers.review.sign_in_settings import SignInSettings, roles_by_name
from workers.review.sso.id_token import key_id_of, validated
from workers.review.sso.person import Person, person
from workers.review.sso.provider import Provider

CALLBACK_PATH: Final = "/login/oidc/callback"
TIME_TO_SIGN_IN: Final = timedelta(minutes=10)
"""At the provider, password, second factor and all."""
KeyedHash = Callable[..., str]
"""``keyed_hash(purpose, *parts)``: 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way: where to send the browser, and what it has to bring back."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back from the provider."""

    code: str
    state: str
    issuer: str | None
    """``iss`` of RFC 9207, where the provider names itself."""


class SignOn:
    """Signs people in at one provider."""

    def __init__(
        self, settings: SignInSettings, provider: Provider, clock: Clock, keyed_hash: KeyedHash
    ) -> None:
        self._settings = settings
        self._provider = provider
        self._clock = clock
        self._keyed_hash = keyed_hash
        self._issuer = settings.oidc_issuer or ""
        self._client_id = settings.oidc_client_id or ""
        self._redirect_uri = f"{(settings.public_url or '').rstrip('/')}{CALLBACK_PATH}"

    async def start(self, visit: str, target: str) -> Started:
        """Begin a sign-in.

        Args:
            visit: a fresh random id, of no white space.
            target: path to go to afterwards.

        Raises:
            ProviderError: the provider does not answer.
        """
        configuration = await self._provider.configuration()
        address: str = prepare_grant_uri(
            configuration.authorization_endpoint,
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=self._settings.oidc_scope,
            state=self._keyed_hash("oidc state", visit),
            nonce=self._keyed_hash("oidc nonce", visit),
            code_challenge=create_s256_code_challenge(self._verifier(visit)),
            code_challenge_method="S256",
        )
        return Started(address, f"{visit} {int(self._clock().timestamp())} {target}")

    async def finish(self, cookie: str | None, answer: Answer) -> tuple[Person, str]:
        """Whom the provider names, and the path to go to.

        Args:
            cookie: what :meth:`start` gave, its signature checked; None without.
            answer: what the browser brought.

        Raises:
            SignInRefusedError: this browser did not ask, or too long ago, or the provider's word
                cannot be trusted.
            ProviderError: the provider does not answer.
        """
        visit, target = self._asked(cookie)
        if not hmac.compare_digest(
            self._keyed_hash("oidc state", visit).encode(), answer.state.encode()
        ):
            raise _unasked()
        await self._require_issuer(answer.issuer)
        tokens = await self._provider.exchange(
            answer.code, verifier=self._verifier(visit), redirect_uri=self._redirect_uri
        )
        id_token, access_token = str(tokens.get("id_token", "")), tokens.get("access_token")
        claims = validated(
            id_token,
            await self._provider.keys(key_id_of(id_token)),
            issuer=self._issuer,
            client_id=self._client_id,
            nonce=self._keyed_hash("oidc nonce", visit),
            access_token=access_token if isinstance(access_token, str) else None,
            now=self._clock(),
        )
        who = person(
            claims,
            role_claim=self._settings.oidc_role_claim,
            roles=roles_by_name(self._settings),
            domains=self._settings.oidc_email_domains,
        )
        return who, target

    def _asked(self, cookie: str | None) -> tuple[str, str]:
        visit, _, rest = (cookie or "").partition(" ")
        at, _, target = rest.partition(" ")
        if not at.isdecimal():
            raise _unasked()
        if self._clock() - datetime.fromtimestamp(int(at), UTC) > TIME_TO_SIGN_IN:
            raise _unasked()
        return visit, target

    async def _require_issuer(self, named: str | None) -> None:
        """So that another provider's answer is not taken for ours (RFC 9207)."""
        configuration = await self._provider.configuration()
        promised = configuration.authorization_response_iss_parameter_supported
        if (named is None and promised) or named not in {None, self._issuer}:
            raise _unasked()

    def _verifier(self, visit: str) -> str:
        """64 characters; RFC 7636 asks for 43 at least."""
        return "".join(self._keyed_hash(f"oidc verifier {half}", visit) for half in (1, 2))


def make_sign_on(settings: SignInSettings, clock: Clock, keyed_hash: KeyedHash) -> SignOn | None:
    """The sign-in at the provider of the settings; None where they name none."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret):
        return None
    provider = Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        clock,
    )
    return SignOn(settings, provider, clock, keyed_hash)


def _unasked() -> SignInRefusedError:
    return SignInRefusedError(
        "This sign-in was not begun in this browser, or took too long. Sign in again."
    )
