"""Nobody gets in without a login, nothing is sent without a token, nothing posted is run."""

from __future__ import annotations

import re

import pytest

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.conftest import NewVisitor, Visitor
from tests.workers.review.web.test_permissions import WHO_MAY, filled, is_api
from workers.review.app import ReviewProcess
from workers.review.web.login import safe_target

ITEM = escalation().verdict.verdict_id


async def test_a_visitor_without_a_login_gets_nothing(
    process: ReviewProcess, visitor: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    for method, path in WHO_MAY:
        response = await visitor.http.request(method, filled(path))
        if method == "GET" and not is_api(path):
            assert response.status_code == 303, path
            assert response.headers["location"].startswith("/login?next=%2F")
        else:
            assert response.status_code == 401, path


async def test_a_post_without_the_sessions_token_is_refused(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    for path in (path for method, path in WHO_MAY if method == "POST" and not is_api(path)):
        for token in ({}, {"csrf": ""}, {"csrf": "0" * 32}):
            form = {"claim": "1", "action": "allow"} | token
            response = await reviewer.http.post(filled(path), data=form)
            assert response.status_code == 403, (path, token)
    page = await reviewer.get("/")
    assert "<strong>1</strong> waiting" in page.text


async def test_the_token_of_another_session_does_not_pass(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor
) -> None:
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as other:
        await other.sign_in("ben")
        response = await reviewer.http.post("/next", data={"csrf": other.csrf})
    assert response.status_code == 403


async def test_a_login_cannot_be_forged_from_another_site(visitor: Visitor) -> None:
    response = await visitor.http.post("/login", data={"name": "ada", "password": PASSWORD})
    assert response.status_code == 403
    assert "review" not in response.cookies


async def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    asked = await visitor.http.get(f"/items/{ITEM}")
    await visitor.get(asked.headers["location"])
    form = {"name": "ada", "password": PASSWORD, "next": f"/items/{ITEM}"}
    response = await visitor.post("/login", **form)

    assert response.headers["location"] == f"/items/{ITEM}"
    cookie = next(
        header for header in response.headers.get_list("set-cookie") if header.startswith("review=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil", "x", ""])
def test_a_login_never_leads_out_of_the_console(target: str) -> None:
    assert safe_target(target) == "/"


async def test_a_wrong_password_is_told_and_then_slowed_down(visitor: Visitor) -> None:
    for _ in range(5):
        response = await visitor.sign_in(password="not the password")
        assert response.status_code == 401
        assert "Name or password is wrong" in response.text
    response = await visitor.sign_in()
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) > 0


async def test_after_signing_out_the_old_cookie_is_worthless(reviewer: Visitor) -> None:
    stolen = dict(reviewer.http.cookies)
    await reviewer.post("/logout")
    reviewer.http.cookies.update(stolen)
    assert (await reviewer.http.get("/")).status_code == 303


async def test_every_page_carries_the_security_headers(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    for path in ("/", "/login", f"/items/{ITEM}", "/static/console.js", "/nowhere", "/metrics"):
        headers = (await reviewer.http.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_pages_hold_no_inline_script_or_style_that_the_policy_would_block(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    await reviewer.claim(ITEM)
    for path in ("/", "/login", f"/items/{ITEM}"):
        text = (await reviewer.http.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<[^>]+\s(style|on[a-z]+|hx-on[^=]*)=", text)


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</div><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_post_that_attacks_the_page_is_shown_as_text(
    process: ReviewProcess, reviewer: Visitor, attack: str
) -> None:
    hostile = escalation(post(text=attack))
    await process.parts.intake.record([hostile])
    text = (await reviewer.get(f"/items/{ITEM}")).text

    shown = attack.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown.replace('"', "&#34;") in text
    assert "<script>alert" not in text
    assert "<svg onload" not in text
    assert "<img src=x" not in text


async def test_an_unknown_item_is_a_page_that_says_so(reviewer: Visitor) -> None:
    assert (await reviewer.get(f"/items/{ITEM}")).status_code == 404
    assert (await reviewer.get("/items/not-an-id")).status_code == 404
