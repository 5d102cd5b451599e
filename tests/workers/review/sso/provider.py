"""A small OpenID Connect provider on a socket of its own; tests say what goes wrong with it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from workers.review.clock import Clock

CLIENT_ID = "console"
CLIENT_SECRET = "a secret & a half"
LIFE_SECONDS = 300
ANN = {
    "sub": "248289761001",
    "preferred_username": "Ann.Lee",
    "email": "ann@example.org",
    "email_verified": True,
    "roles": ["staff", "senior"],
}


@dataclass
class Provider:
    """Everybody who comes is signed in as ``person``; each code works once."""

    issuer: str
    clock: Clock
    person: dict[str, Any] = field(default_factory=lambda: dict(ANN))
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the right claims of an id token; None takes one away."""
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    """Signs."""
    published: list[RSAKey] = field(default_factory=list)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the console asked for, by the code that it got."""
    calls_itself: str | None = None

    def id_token(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        right = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "nonce": nonce,
            **self.person,
        }
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def configuration() -> dict[str, Any]:
            return {
                "issuer": self.calls_itself or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": True,
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            published = self.published or [self.key]
            return {"keys": [key.as_dict(private=False) for key in published]}

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            code = secrets.token_urlsafe()
            self.asked[code] = asked
            answer = {"code": code, "state": asked["state"], "iss": self.issuer}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 303)

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            asked = self.asked.pop(form["code"], None)
            if asked is None or not _rightful(request, form, asked):
                return JSONResponse({"error": "invalid_grant"}, status_code=400)
            nonce = asked["nonce"]
            return JSONResponse({"access_token": "x", "id_token": self.id_token(nonce)})

        return app


def _rightful(request: Request, form: dict[str, str], asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    return (
        asked["code_challenge_method"] == "S256"
        and asked["code_challenge"] == challenge
        and form["redirect_uri"] == asked["redirect_uri"]
        and form["grant_type"] == "authorization_code"
        and request.headers["authorization"] == f"Basic {basic}"
    )


@asynccontextmanager
async def running_provider(clock: Clock) -> AsyncIterator[Provider]:
    """A provider that answers on this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}", clock)
    server = uvicorn.Server(uvicorn.Config(provider.application(), log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
        listening.close()
