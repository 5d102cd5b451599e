"""What the provider answers: its configuration, its keys, and a token for a code."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError, field_validator

from workers.review.clock import Clock
from workers.review.errors import ProviderError
from workers.review.sign_in_settings import is_guarded

ANSWER_WITHIN: Final = aiohttp.ClientTimeout(total=10.0)
"""A person waits in front of the page."""
MOST_BYTES: Final = 1024 * 1024
"""Of an answer; a configuration has some 5 kB, keys have fewer."""
KEEP: Final = timedelta(hours=1)
"""How long configuration and keys are believed."""
KEYS_AT_LEAST: Final = timedelta(seconds=30)
"""Between two looks for an unknown key, so that made-up tokens ask nothing of the provider."""
BASIC, POST = "client_secret_basic", "client_secret_post"


class Configuration(BaseModel):
    """What we use of OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = [BASIC]
    authorization_response_iss_parameter_supported: bool = False

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri")
    @classmethod
    def _guarded(cls, value: str) -> str:
        if not is_guarded(value):
            raise ValueError("must be an https address")
        return value


class Provider:
    """Asks the provider, and remembers what changes seldom.

    Args:
        issuer: as the provider names itself, to the letter.
        client_id: the console's name there.
        client_secret: what proves that it is the console that asks.
        clock: the time, by which what is remembered grows old.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str, clock: Clock) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._configuration: tuple[Configuration, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def configuration(self) -> Configuration:
        """The provider's addresses.

        Raises:
            ProviderError: it does not answer, or says that it is another.
        """
        now = self._clock()
        if self._configuration is None or now - self._configuration[1] > KEEP:
            said = await _ask("GET", get_well_known_url(self._issuer, external=True))
            try:
                found = Configuration.model_validate(said)
            except ValidationError as error:
                raise ProviderError(f"{UNUSABLE} Its configuration is incomplete.") from error
            if found.issuer != self._issuer:
                raise ProviderError(f"{UNUSABLE} It calls itself {found.issuer!r}.")
            self._configuration = found, now
        return self._configuration[0]

    async def keys(self, key_id: str | None) -> KeySet:
        """The provider's public keys, looked up again when this one is not among them.

        Raises:
            ProviderError: it does not answer, or not with keys.
        """
        now = self._clock()
        if self._keys is None or now - self._keys[1] > self._believed(self._keys[0], key_id):
            said = await _ask("GET", (await self.configuration()).jwks_uri)
            try:
                self._keys = KeySet.import_key_set({"keys": said["keys"]}), now
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise ProviderError(f"{UNUSABLE} Its keys cannot be read.") from error
        return self._keys[0]

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """The answer of the token endpoint for a code (RFC 6749, 4.1.3, and RFC 7636, 4.5).

        Raises:
            ProviderError: it does not answer, or does not take the code.
        """
        configuration = await self.configuration()
        methods = configuration.token_endpoint_auth_methods_supported
        auth = ClientAuth(self._client_id, self._client_secret, BASIC if BASIC in methods else POST)
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier
        )
        uri, headers, body = auth.prepare(
            "POST",
            configuration.token_endpoint,
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            body,
        )
        return await _ask("POST", uri, headers=headers, data=body)

    def _believed(self, keys: KeySet, key_id: str | None) -> timedelta:
        known = key_id is None or any(key.kid == key_id for key in keys.keys)
        return KEEP if known else KEYS_AT_LEAST


UNUSABLE: Final = "The sign-in provider cannot be used now."


async def _ask(method: str, uri: str, **arguments: Any) -> dict[str, Any]:
    """The JSON object at an address; redirects are not followed."""
    try:
        async with (
            aiohttp.ClientSession(timeout=ANSWER_WITHIN) as http,
            http.request(method, uri, allow_redirects=False, **arguments) as answer,
        ):
            status, body = answer.status, await answer.content.read(MOST_BYTES)
            while not answer.content.at_eof() and len(body) < MOST_BYTES:
                body += await answer.content.read(MOST_BYTES)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProviderError(f"{UNUSABLE} It does not answer; try again.") from error
    if status != HTTPStatus.OK:
        raise ProviderError(f"{UNUSABLE} It answered with HTTP {status}; try again.")
    try:
        said = json.loads(body)
    except ValueError as error:
        raise ProviderError(f"{UNUSABLE} Its answer is no JSON.") from error
    if not isinstance(said, dict):
        raise ProviderError(f"{UNUSABLE} Its answer is no JSON object.")
    return said
