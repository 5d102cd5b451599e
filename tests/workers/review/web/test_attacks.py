"""Common attacks: floods, hostile text in every place that takes one, another's item by its id.

Forged requests and paths out of the object store are in ``test_guards`` and ``test_media``.
"""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from schemas import (
    Action,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    Reason,
    ReasonKind,
    VerdictStatus,
)
from tests.workers.review.conftest import PASSWORD, QUICK_HASHER, MovableClock
from tests.workers.review.samples import appeal, escalation, post, verdict
from tests.workers.review.web.conftest import NAME, NewVisitor, Visitor
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess, review_process
from workers.review.errors import TooManyRequestsError
from workers.review.store import Event
from workers.review.web.limits import MOST_BUCKETS, RateLimit

ITEM = escalation().verdict.verdict_id
ATTACK = "<script>alert(1)</script>\"><img src=x onerror='alert(2)'>"


async def test_hostile_text_is_shown_as_text_wherever_it_comes_from(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    reasons = (Reason(kind=ReasonKind.BANK, action=Action.REVIEW, detail=ATTACK),)
    unseen = NotScanned(modality=Modality.TEXT, reason=NotScannedReason.TRUNCATED, detail=ATTACK)
    hostile = escalation(
        post(text=ATTACK, images=(Media(key=ATTACK), Media(url=f"https://example.org/{ATTACK}"))),
        reasons=reasons,
        status=VerdictStatus.DEGRADED,
        not_scanned=(unseen,),
    )
    await process.parts.intake.record([hostile])
    number = await reviewer.claim(ITEM)
    form = {"claim": number, "action": "limit", "category": ["toxicity"], "note": ATTACK}

    shown = await reviewer.get(f"/items/{ITEM}")
    odd_queue = await reviewer.http.get("/", params={"queue": ATTACK[:60]})
    odd_login = await reviewer.http.get("/login", params={"next": f"/{ATTACK}"})
    decided = await reviewer.post(f"/items/{ITEM}/decide", **form)
    refused = await reviewer.post(f"/items/{ITEM}/decide", **(form | {"action": "<svg>"}))
    for page in (shown, odd_queue, odd_login, decided, refused):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "<svg>" not in page.text
    assert shown.text.count("&lt;script&gt;alert(1)") >= 4


async def test_hostile_words_of_an_author_are_shown_as_words(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    contested = verdict(post(), action=Action.REMOVE)
    await process.parts.appeals.record([appeal(contested, statement=ATTACK)])
    (item,) = await process.parts.queue.open_items()
    page = (await reviewer.get(f"/items/{item.verdict_id}")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_a_webhooks_address_is_never_markup(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    (ada,) = await process.parts.accounts.everybody()
    await process.parts.webhooks.add(f"https://example.org/?{ATTACK}", [Event.DECISION], ada)
    page = (await reviewer.get("/audit")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_another_reviewers_claim_is_of_no_use_under_its_number(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor
) -> None:
    await process.parts.intake.record([escalation()])
    await process.parts.accounts.add("ben", PASSWORD)
    number = await reviewer.claim(ITEM)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        for deed in ("release", "decide"):
            response = await ben.post(f"/items/{ITEM}/{deed}", claim=number, action="allow")
            assert response.status_code == 409
        lost = await ben.post(f"/items/{ITEM}/heartbeat", claim=number)
        assert "data-lease-lost" in lost.text
    assert (await reviewer.post(f"/items/{ITEM}/release", claim=number)).status_code == 303


async def test_a_login_that_floods_is_slowed_down_and_others_are_not(
    settings: ReviewSettings, clock: MovableClock
) -> None:
    few = settings.model_copy(update={"requests_per_minute": 10})
    async with review_process(few, None, clock=clock, hasher=QUICK_HASHER) as process:
        transport = httpx.ASGITransport(process.app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://console") as first,
            httpx.AsyncClient(transport=transport, base_url="http://console") as second,
        ):
            flooding, calm = Visitor(first), Visitor(second)
            await flooding.sign_in()
            await calm.sign_in()
            answers = [(await flooding.get("/queue")).status_code for _ in range(10)]
            assert answers == [200] * 9 + [429]
            refused = await flooding.get("/queue")
            assert int(refused.headers["retry-after"]) == 7
            assert (await calm.get("/queue")).status_code == 200

            clock.advance(timedelta(seconds=7))
            assert (await flooding.get("/queue")).status_code == 200


async def test_an_address_can_only_try_to_log_in_so_often(
    settings: ReviewSettings, clock: MovableClock
) -> None:
    few = settings.model_copy(update={"logins_per_minute": 3})
    async with review_process(few, None, clock=clock, hasher=QUICK_HASHER) as process:
        transport = httpx.ASGITransport(process.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as http:
            visitor = Visitor(http)
            answers = [(await visitor.sign_in(f"name-{n}", "x" * 12)).status_code for n in range(4)]
    assert answers == [401, 401, 401, 429]


def test_a_flood_from_everywhere_does_not_fill_the_memory(clock: MovableClock) -> None:
    limit = RateLimit(clock, 1)
    for n in range(3 * MOST_BUCKETS):
        limit.take(str(n))
    with pytest.raises(TooManyRequestsError):
        limit.take(str(3 * MOST_BUCKETS - 1))


@pytest.mark.parametrize("https", [True, False])
async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    settings: ReviewSettings, clock: MovableClock, https: bool
) -> None:
    served = settings.model_copy(update={"behind_https": https})
    async with review_process(served, None, clock=clock, hasher=QUICK_HASHER) as process:
        transport = httpx.ASGITransport(process.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://console") as http:
            visitor = Visitor(http)
            page = await visitor.get("/login")
            form = {"name": NAME, "password": PASSWORD, "next": "/"}
            cookies = page.headers.get_list("set-cookie")
            cookies += (await visitor.post("/login", **form)).headers.get_list("set-cookie")
    assert len(cookies) == 3, "for the visit, for the session, and the visit's end"
    for cookie in cookies:
        assert cookie.startswith("__Host-") is https
        assert ("Secure" in cookie) is https
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
