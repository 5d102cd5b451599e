"""Who is turned away: on a plain page, with an entry in the trail, and without a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from tests.workers.review.conftest import MovableClock
from tests.workers.review.sso.conftest import CONSOLE
from tests.workers.review.sso.provider import CLIENT_SECRET, Provider
from tests.workers.review.sso.walking import sent_back, sign_in, trail
from workers.review.app import ReviewProcess
from workers.review.store import Role


async def assert_refused(
    process: ReviewProcess, browser: httpx.AsyncClient, answer: httpx.Response, why: str
) -> None:
    assert answer.status_code == 403, answer.text
    assert 'role="alert"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "review" not in browser.cookies
    assert "review-oidc" not in browser.cookies  # one answer for one question
    assert (await browser.get("/")).status_code == 303
    assert await trail(process, "login") == []
    assert (await trail(process, "login_failed"))[-1] == {"by": "oidc", "why": why}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another request"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["console", "another-client"], "azp": "another-client"},
        {"aud": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"exp": 0},
        {"exp": None},
        {"sub": None},
        {"iat": 4_000_000_000},
        {"at_hash": "of-another-token"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_us_and_now(
    process: ReviewProcess,
    browser: httpx.AsyncClient,
    provider: Provider,
    claims: dict[str, object],
) -> None:
    provider.claims = claims
    await assert_refused(process, browser, await sign_in(browser), "SignInRefusedError")


def by_another_key(provider: Provider) -> None:
    provider.published = [RSAKey.generate_key(2048, {"kid": "first"})]


def by_an_unknown_key(provider: Provider) -> None:
    provider.published = [provider.key]
    provider.key = RSAKey.generate_key(2048, {"kid": "unheard of"})


def by_the_clients_secret(provider: Provider) -> None:
    provider.published = [provider.key]
    secret = OctKey.import_key(CLIENT_SECRET.ljust(32, "."), {"kid": "first"})
    provider.algorithm, provider.key = "HS256", secret  # type: ignore[assignment]  # a key of the wrong kind is what this test is about


@pytest.mark.parametrize("signed", [by_another_key, by_an_unknown_key, by_the_clients_secret])
async def test_an_id_token_that_the_provider_did_not_sign(
    process: ReviewProcess,
    browser: httpx.AsyncClient,
    provider: Provider,
    signed: Callable[[Provider], None],
) -> None:
    signed(provider)
    await assert_refused(process, browser, await sign_in(browser), "SignInRefusedError")


async def test_an_expired_token_by_the_consoles_clock(
    process: ReviewProcess, browser: httpx.AsyncClient, provider: Provider, clock: MovableClock
) -> None:
    now = int(clock().timestamp())
    provider.claims = {"exp": now - 61, "iat": now - 400}
    await assert_refused(process, browser, await sign_in(browser), "SignInRefusedError")


@pytest.mark.parametrize("roles", [None, [], ["staff"], {"admin": True}, 7], ids=str)
async def test_a_person_without_a_role_of_ours(
    process: ReviewProcess, browser: httpx.AsyncClient, provider: Provider, roles: object
) -> None:
    provider.claims = {"roles": roles}
    answer = await sign_in(browser)

    await assert_refused(process, browser, answer, "no role")
    assert "no role in the console" in answer.text
    assert [one.name for one in await process.parts.accounts.everybody()] == ["ada"]


async def test_whoever_loses_their_role_loses_their_logins_and_tokens(
    process: ReviewProcess, browser: httpx.AsyncClient, provider: Provider
) -> None:
    await sign_in(browser)
    ann = await process.parts.accounts.named("ann.lee")
    elsewhere = await process.parts.sessions.open(ann)
    _, secret = await process.parts.tokens.issue(ann.account_id, "test", lifetime=timedelta(days=1))

    provider.person["roles"] = []
    assert (await sign_in(browser)).status_code == 403

    assert await process.parts.sessions.find(elsewhere) is None
    assert await process.parts.tokens.find(secret) is None


@pytest.mark.parametrize("changed", [{"oidc_email_domains": ("example.org",)}])
@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ann@example.com"},
        {"email": "ann@example.org.evil.example"},
        {"email_verified": False},
        {"email_verified": None},
        {"email": None},
    ],
    ids=str,
)
async def test_a_mail_address_of_another_domain_or_unverified(
    process: ReviewProcess,
    browser: httpx.AsyncClient,
    provider: Provider,
    claims: dict[str, object],
) -> None:
    provider.claims = claims
    await assert_refused(process, browser, await sign_in(browser), "SignInRefusedError")


async def test_an_answer_that_another_browser_asked_for(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    """Nobody can sign somebody else in as themselves."""
    address = await sent_back(browser)
    transport = httpx.ASGITransport(process.app)
    async with httpx.AsyncClient(transport=transport, base_url=CONSOLE) as victim:
        await assert_refused(process, victim, await victim.get(address), "SignInRefusedError")
        await victim.get("/login/oidc")
        await assert_refused(process, victim, await victim.get(address), "SignInRefusedError")


@pytest.mark.parametrize("replaced", ["state=", "iss=", "code="])
async def test_an_answer_that_was_tampered_with(browser: httpx.AsyncClient, replaced: str) -> None:
    address = await sent_back(browser)
    answer = await browser.get(address.replace(replaced, f"{replaced}x"))
    assert answer.status_code in {403, 502}
    assert "review" not in browser.cookies


async def test_an_answer_that_leaves_out_who_gives_it(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    address = (await sent_back(browser)).partition("&iss=")[0]
    await assert_refused(process, browser, await browser.get(address), "SignInRefusedError")


async def test_an_answer_works_once(browser: httpx.AsyncClient) -> None:
    address = await sent_back(browser)
    assert (await browser.get(address)).status_code == 303
    assert (await browser.get(address)).status_code == 403


async def test_an_answer_that_comes_too_late(
    process: ReviewProcess, browser: httpx.AsyncClient, clock: MovableClock
) -> None:
    address = await sent_back(browser)
    clock.advance(timedelta(minutes=11))
    await assert_refused(process, browser, await browser.get(address), "SignInRefusedError")


async def test_a_provider_that_says_no(process: ReviewProcess, browser: httpx.AsyncClient) -> None:
    await browser.get("/login/oidc")
    answer = await browser.get("/login/oidc/callback?error=access_denied&state=x")
    await assert_refused(process, browser, answer, "access_denied")
    answer = await browser.get("/login/oidc/callback", params={"error": "<b>anything</b>"})
    await assert_refused(process, browser, answer, "SignInRefusedError")
    assert "<b>" not in answer.text


async def test_a_closed_account_stays_closed(
    process: ReviewProcess, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser)
    async with process.database.writing() as session:
        ann = await process.parts.accounts.named("ann.lee")
        ann.active = False
        await session.merge(ann)

    assert (await sign_in(browser)).status_code == 403
    assert (await browser.get("/")).status_code == 303


async def test_a_provider_that_calls_itself_another(
    browser: httpx.AsyncClient, provider: Provider
) -> None:
    provider.calls_itself = "https://another.example"
    assert (await browser.get("/login/oidc")).status_code == 502


@pytest.mark.parametrize("changed", [{"oidc_issuer": "http://127.0.0.1:9"}])
async def test_a_provider_that_does_not_answer(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/login/oidc")
    assert answer.status_code == 502
    assert "does not answer" in answer.text
    assert (await browser.get("/login")).status_code == 200  # local accounts still come in


@pytest.mark.parametrize("changed", [{"logins_per_minute": 2}])
async def test_an_address_that_asks_too_often(browser: httpx.AsyncClient) -> None:
    answers = [await browser.get("/login/oidc") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[-1].headers["retry-after"]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_afterwards_nobody_is_sent_elsewhere(
    process: ReviewProcess, browser: httpx.AsyncClient, target: str
) -> None:
    back = await sign_in(browser, target)
    assert back.headers["location"] == "/"
    assert (await process.parts.accounts.named("ann.lee")).role == Role.SENIOR


@pytest.mark.parametrize(
    "changed", [{"oidc_issuer": None, "oidc_client_id": None, "oidc_client_secret": None}]
)
@pytest.mark.parametrize("path", ["/login/oidc", "/login/oidc/callback?code=x&state=y"])
async def test_without_a_provider_there_is_no_such_page(
    browser: httpx.AsyncClient, path: str
) -> None:
    assert (await browser.get(path)).status_code == 404
    assert "/login/oidc" not in (await browser.get("/login")).text
