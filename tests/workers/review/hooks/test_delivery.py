"""Webhooks arrive signed, again after a failure, and never for what was undone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from schemas import Action
from tests.workers.review.conftest import UNDO_WITHIN, Store
from tests.workers.review.samples import appeal, escalation, post, verdict
from tests.workers.review.working import REMOVE, escalate_and_decide
from workers.review.errors import WebhookError
from workers.review.hooks import Deliverer, signed_headers
from workers.review.metrics import ReviewMetrics
from workers.review.store import Account, DeliveryState, Event, Webhook
from workers.review.store.webhooks import FIRST_PAUSE, LONGEST_PAUSE, pause_after

ITEM = escalation().verdict.verdict_id


@dataclass
class Receiver:
    """Another company's server, which answers what it is told to."""

    url: str = ""
    answer: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({k.lower(): v for k, v in request.headers.items()}, await request.read()))
        headers = {"Location": self.url} if self.answer == 302 else {}
        return web.Response(status=self.answer, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    there = Receiver()
    app = web.Application()
    app.router.add_post("/hook", there.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    there.url = f"http://{host}:{port}/hook"
    yield there
    await runner.cleanup()


@pytest.fixture
def metrics() -> ReviewMetrics:
    return ReviewMetrics(CollectorRegistry())


async def deliver(store: Store, metrics: ReviewMetrics) -> int:
    sender = Deliverer(store.webhooks, lambda webhook: webhook.bytes, metrics, store.clock)
    async with aiohttp.ClientSession() as http:
        return await sender.deliver_once(http)


async def decided(store: Store, ada: Account, receiver: Receiver) -> Webhook:
    """A decision that a webhook is to be told of, due now."""
    webhook = await store.webhooks.add(receiver.url, [Event.DECISION], ada)
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    store.clock.advance(UNDO_WITHIN)
    return webhook


async def test_a_decision_arrives_once_and_names_no_reviewer(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, receiver)
    assert await deliver(store, metrics) == 1
    assert await deliver(store, metrics) == 0

    ((_, body),) = receiver.got
    told = json.loads(body)
    assert told["type"] == "decision"
    assert told["data"]["verdict_id"] == str(ITEM)
    assert told["data"]["action"] == "remove"
    assert ada.pseudonym not in body.decode()
    (delivery,) = await store.webhooks.deliveries(webhook.webhook_id, 10)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


async def test_the_receiver_can_check_who_sent_it_and_when(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, receiver)
    await deliver(store, metrics)
    ((headers, body),) = receiver.got

    secret = base64.b64decode(store.webhooks.secret(webhook.webhook_id).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert int(headers["webhook-timestamp"]) == int(store.clock().timestamp())


async def test_nothing_is_told_while_the_decision_can_be_undone(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    await store.webhooks.add(receiver.url, [Event.DECISION], ada)
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    assert await deliver(store, metrics) == 0
    await store.undoing.undo(ITEM, ada)
    store.clock.advance(UNDO_WITHIN * 2)
    assert await deliver(store, metrics) == 0
    assert receiver.got == []


async def test_a_failure_is_tried_again_later_under_the_same_id_and_given_up_in_the_end(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, receiver)
    receiver.answer = 503
    for attempt in range(3):
        assert await deliver(store, metrics) == 1
        assert await deliver(store, metrics) == 0, "not before the pause"
        store.clock.advance(pause_after(attempt))
    assert await deliver(store, metrics) == 0

    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    (delivery,) = await store.webhooks.deliveries(webhook.webhook_id, 10)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, 3)
    assert delivery.problem == "HTTP 503"
    dead = metrics.registry.get_sample_value("moderation_review_webhooks_total", {"result": "dead"})
    assert dead == 1


@pytest.mark.parametrize(
    ("answer", "state"), [(410, DeliveryState.DEAD), (302, DeliveryState.PENDING)]
)
async def test_gone_means_never_again_and_a_redirect_is_not_followed(
    store: Store,
    ada: Account,
    receiver: Receiver,
    metrics: ReviewMetrics,
    *,
    answer: int,
    state: DeliveryState,
) -> None:
    webhook = await decided(store, ada, receiver)
    receiver.answer = answer
    await deliver(store, metrics)
    (delivery,) = await store.webhooks.deliveries(webhook.webhook_id, 10)
    assert (len(receiver.got), delivery.state) == (1, state)


async def test_a_receiver_that_does_not_answer_is_tried_again(
    store: Store, ada: Account, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, Receiver(url="http://127.0.0.1:1/nobody"))
    await deliver(store, metrics)
    (delivery,) = await store.webhooks.deliveries(webhook.webhook_id, 10)
    assert delivery.state == DeliveryState.PENDING
    assert delivery.problem == "ClientConnectorError"


async def test_appeals_are_told_to_whoever_asked_for_them(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    await store.webhooks.add(receiver.url, [Event.APPEAL_OPENED], ada)
    sent = appeal(verdict(post(), action=Action.REMOVE))
    await store.appeals.record([sent])
    await deliver(store, metrics)
    ((_, body),) = receiver.got
    assert json.loads(body)["data"]["appeal_id"] == str(sent.appeal_id)
    assert sent.statement
    assert sent.statement not in body.decode()


async def test_an_ended_webhook_is_told_nothing_more(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, receiver)
    await store.webhooks.end(webhook.webhook_id, ada)
    assert await deliver(store, metrics) == 0
    assert await store.webhooks.everything() == []
    with pytest.raises(WebhookError, match="no webhook"):
        await store.webhooks.end(webhook.webhook_id, ada)


async def test_old_deliveries_are_forgotten(
    store: Store, ada: Account, receiver: Receiver, metrics: ReviewMetrics
) -> None:
    webhook = await decided(store, ada, receiver)
    await deliver(store, metrics)
    store.clock.advance(timedelta(days=31))
    await store.webhooks.forget_old()
    assert await store.webhooks.deliveries(webhook.webhook_id, 10) == []


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "example.org", "http://", "https://example.org:x/", "http://a\n"]
)
async def test_an_address_must_be_one(store: Store, ada: Account, url: str) -> None:
    with pytest.raises(WebhookError, match="http or https URL"):
        await store.webhooks.add(url, [Event.DECISION], ada)


def test_pauses_double_up_to_a_bound() -> None:
    assert pause_after(0) == FIRST_PAUSE
    assert pause_after(1) == 2 * FIRST_PAUSE
    assert pause_after(10_000) == LONGEST_PAUSE


@given(st.binary(), st.binary())
def test_another_body_has_another_signature(one: bytes, other: bytes) -> None:
    at = verdict(post()).decided_at
    signed = [signed_headers(b"secret", UUID(int=1), at, body) for body in (one, other)]
    assert (signed[0] == signed[1]) == (one == other)
