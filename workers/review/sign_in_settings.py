"""Settings of signing in: local accounts, and an OpenID Connect provider beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from workers.review.roles import Role

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
OWN_ORDER: Final = (Role.ADMIN, Role.SENIOR, Role.POLICY, Role.AUDITOR, Role.REVIEWER)
"""Of a person with several roles, the first of these holds."""


class SignInSettings(BaseSettings):
    """Part of the console's settings."""

    local_accounts: bool = Field(
        True,
        description="Whether people may sign in with a name and a password of the console's own.",
    )
    public_url: str | None = Field(
        None,
        description="Address at which browsers reach the console, without a path; OpenID Connect "
        "needs it.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="OpenID Connect provider to sign in with, as it names itself; its "
        "configuration is read from `/.well-known/openid-configuration` under it.",
    )
    oidc_client_id: str | None = Field(None, description="The console's id at the provider.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret there. A secret: better in a file."
    )
    oidc_scope: str = Field(
        "openid profile email",
        pattern=r"^openid( [!-~]+)*$",
        description="What the provider is asked for; `openid` comes first.",
    )
    oidc_role_claim: str = Field(
        "roles",
        min_length=1,
        description="Claim of the id token that says what a person may do: a string or a list, "
        "with dots inside objects (`realm_access.roles`), e.g. `groups`.",
    )
    oidc_roles: dict[str, Role] = Field(
        default_factory=dict,
        description="The console's role by the provider's role or group, as JSON. Of several, the "
        "first in this order holds; whoever has none is refused. Empty: the provider's are called "
        "as the console's, and the order is admin, senior, policy, auditor, reviewer.",
    )
    oidc_email_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Domains of verified mail addresses that may sign in, by comma; empty: all.",
    )

    @field_validator("oidc_email_domains", mode="before")
    @classmethod
    def _domains(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(one.strip().lower() for one in value.split(",") if one.strip())
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _guarded_address(cls, value: str | None) -> str | None:
        if value is not None and not is_guarded(value):
            raise ValueError("must be an https address; http is for this machine alone")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = ("oidc_client_id", "oidc_client_secret", "public_url")
        if self.oidc_issuer:
            if missing := [name for name in needed if not getattr(self, name)]:
                raise ValueError(f"oidc_issuer also needs {' and '.join(missing)}")
        elif not self.local_accounts:
            raise ValueError("without local_accounts nobody can sign in: set oidc_issuer")
        return self


def roles_by_name(settings: SignInSettings) -> Mapping[str, Role]:
    """The console's role by the provider's name for it, the strongest claim first."""
    return settings.oidc_roles or {str(role): role for role in OWN_ORDER}


def is_guarded(address: str) -> bool:
    """Whether what is sent to the address stays between the two of us."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )
