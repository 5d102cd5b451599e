"""Signing in with a provider, from the login page to the queue and back out."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.workers.review.conftest import PASSWORD, MovableClock
from tests.workers.review.sso.conftest import CONSOLE
from tests.workers.review.sso.provider import Provider
from tests.workers.review.sso.walking import sign_in, trail
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.errors import AccountError, LoginRefusedError
from workers.review.store import Role


async def test_a_person_comes_in_with_the_role_that_the_provider_gives(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    page = await browser.get("/login", params={"next": "/figures"})
    assert "/login/oidc?next=/figures" in page.text

    back = await sign_in(browser, "/figures")

    assert back.status_code == 303
    assert back.headers["location"] == "/figures"
    assert (await browser.get("/figures")).status_code == 200
    ann = await process.parts.accounts.named("ann.lee")
    assert ann.role == Role.SENIOR
    assert await trail(process, "login") == [{"by": "oidc"}]
    assert {"add": "senior", "by": "oidc"} in await trail(process, "account")


async def test_the_request_carries_state_nonce_and_a_challenge(browser: httpx.AsyncClient) -> None:
    away = await browser.get("/login/oidc")

    asked = {name: value for name, (value,) in parse_qs(
        urlsplit(away.headers["location"]).query).items()}  # fmt: skip
    assert asked["response_type"] == "code"
    assert asked["scope"].split()[0] == "openid"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{CONSOLE}/login/oidc/callback"
    secrets = {asked["state"], asked["nonce"], asked["code_challenge"]}
    assert len(secrets) == 3
    assert not any(secret in away.headers["set-cookie"] for secret in secrets)
    for flag in ("HttpOnly", "SameSite=lax", "Max-Age=600"):
        assert flag in away.headers["set-cookie"]


@pytest.mark.parametrize("changed", [{"behind_https": True}])
async def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(
    browser: httpx.AsyncClient,
) -> None:
    cookie = (await browser.get("/login/oidc")).headers["set-cookie"]

    assert cookie.startswith("__Host-review-oidc=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


async def test_the_same_person_has_the_same_account_and_their_newest_role(
    process: ReviewProcess, browser: httpx.AsyncClient, provider: Provider
) -> None:
    await sign_in(browser)
    first = await process.parts.accounts.named("ann.lee")
    provider.person |= {"roles": "auditor", "preferred_username": "ann.married"}
    await sign_in(browser)

    again = await process.parts.accounts.named("ann.lee")
    assert (again.account_id, again.role) == (first.account_id, Role.AUDITOR)
    detail = {"of": again.pseudonym, "role": "auditor", "by": "oidc"}
    assert detail in await trail(process, "account")


async def test_a_name_leads_to_no_account_that_was_there_before(
    process: ReviewProcess, browser: httpx.AsyncClient, provider: Provider
) -> None:
    provider.person |= {"preferred_username": "ada", "roles": ["reviewer"]}
    await sign_in(browser)

    names = {one.name: one.role for one in await process.parts.accounts.everybody()}
    assert names.pop("ada") == Role.ADMIN
    ((name, role),) = names.items()
    assert name.startswith("ada-")
    assert role == Role.REVIEWER
    assert (await browser.get("/accounts")).status_code == 403


async def test_an_account_of_the_provider_has_no_password(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser)
    ann = await process.parts.accounts.named("ann.lee")
    with pytest.raises(AccountError, match="signs in with your provider"):
        await process.parts.accounts.set_password(ann.account_id, PASSWORD)
    with pytest.raises(LoginRefusedError, match="Name or password is wrong"):
        await process.parts.accounts.log_in("ann.lee", "!", address="a", name_origin="b")


@pytest.mark.parametrize(
    ("changed", "claims"),
    [
        (
            {"oidc_role_claim": "realm_access.roles", "oidc_roles": {"mods": Role.POLICY}},
            {"realm_access": {"roles": ["x", "mods"]}},
        ),
        (
            {"oidc_role_claim": "https://a.example/groups", "oidc_roles": {"mods": Role.POLICY}},
            {"https://a.example/groups": ["mods"]},
        ),
        ({"oidc_email_domains": ("example.org",)}, {"roles": ["reviewer", "policy"]}),
    ],
    ids=["nested", "with dots in its name", "of several the first"],
)
async def test_the_role_comes_from_the_claim_of_the_settings(
    process: ReviewProcess,
    browser: httpx.AsyncClient,
    provider: Provider,
    claims: dict[str, object],
) -> None:
    provider.person |= claims
    assert (await sign_in(browser)).status_code == 303
    assert (await process.parts.accounts.named("ann.lee")).role == Role.POLICY


async def test_a_new_key_of_the_provider_is_looked_up(
    clock: MovableClock, browser: httpx.AsyncClient, provider: Provider
) -> None:
    await sign_in(browser)
    provider.key = type(provider.key).generate_key(2048, {"kid": "second"})
    clock.advance(timedelta(minutes=1))

    assert (await sign_in(browser)).status_code == 303


@pytest.mark.parametrize("changed", [{"local_accounts": False}])
async def test_local_accounts_can_be_switched_off(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    assert await process.parts.accounts.everybody() == []
    page = await browser.get("/login")
    assert 'type="password"' not in page.text
    refused = await browser.post("/login", data={"name": "ada", "password": PASSWORD})
    assert refused.status_code == 403
    assert (await sign_in(browser)).status_code == 303
    assert (await browser.get("/")).status_code == 200


async def test_switching_them_off_ends_the_logins_that_passwords_opened(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser)
    ada = await process.parts.accounts.named("ada")
    cookie = await process.parts.sessions.open(ada)

    await process.parts.identities.end_local_logins()

    assert await process.parts.sessions.find(cookie) is None
    assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"oidc_client_secret": None}, "oidc_client_secret"),
        ({"oidc_issuer": "http://id.example.org"}, "https"),
        ({"oidc_issuer": None, "local_accounts": False}, "nobody can sign in"),
        ({"oidc_scope": "email"}, "oidc_scope"),
    ],
)
def test_settings_that_let_nobody_in_safely_are_refused(
    wrong: dict[str, object], said: str
) -> None:
    right = {
        "public_url": CONSOLE,
        "oidc_issuer": "https://id.example.org",
        "oidc_client_id": "console",
        "oidc_client_secret": SecretStr("secret"),
    }
    assert ReviewSettings.model_validate(right).oidc_issuer
    with pytest.raises(ValidationError, match=said):
        ReviewSettings.model_validate(right | wrong)


def test_the_secret_is_not_in_the_record_of_settings() -> None:
    settings = ReviewSettings(oidc_client_secret=SecretStr("secret"))
    assert "oidc_client_secret" not in settings.for_the_record()
