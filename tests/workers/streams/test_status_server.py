from __future__ import annotations

import json

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Counter

from workers.streams import StatusServerError, status_server


async def get(url: str, **headers: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, response.headers["Content-Type"], await response.text()


async def test_readiness_gives_the_reasons_as_they_stand_now() -> None:
    reasons = ["the model is loading"]
    async with status_server(CollectorRegistry(), not_ready=lambda: reasons) as server:
        status, kind, body = await get(f"{server.url}/readyz")
        assert (status, body) == (
            503,
            '{"ready": false, "reasons": ["the model is loading"], "remarks": []}',
        )
        assert kind.startswith("application/json")
        reasons.clear()
        status, _, body = await get(f"{server.url}/readyz")
        assert (status, body) == (200, '{"ready": true, "reasons": [], "remarks": []}')


async def test_readiness_tells_remarks_without_being_less_ready() -> None:
    remarks = ["a policy was refused"]
    async with status_server(
        CollectorRegistry(), not_ready=list, remarks=lambda: remarks
    ) as server:
        status, _, body = await get(f"{server.url}/readyz")
        assert (status, json.loads(body)["remarks"]) == (200, remarks)
        assert json.loads((await get(f"{server.url}/healthz"))[2])["remarks"] == []


async def test_health_is_its_own_question() -> None:
    async with status_server(
        CollectorRegistry(), not_ready=list, not_healthy=lambda: ["no poll for 300 s"]
    ) as server:
        assert (await get(f"{server.url}/readyz"))[0] == 200
        assert await get(f"{server.url}/healthz") == (
            503,
            "application/json; charset=utf-8",
            '{"healthy": false, "reasons": ["no poll for 300 s"], "remarks": []}',
        )
    async with status_server(CollectorRegistry(), not_ready=lambda: ["not yet"]) as server:
        assert (await get(f"{server.url}/healthz"))[0] == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/plain", "text/plain"),
        ("application/openmetrics-text", "application/openmetrics-text"),
    ],
)
async def test_metrics_come_from_the_given_registry_in_the_asked_format(
    accept: str, kind: str
) -> None:
    registry = CollectorRegistry()
    Counter("moderation_things", "Things.", registry=registry).inc(3)
    async with status_server(registry, not_ready=list) as server:
        status, content_type, body = await get(f"{server.url}/metrics", Accept=accept)
    assert status == 200
    assert content_type.startswith(kind)
    assert "moderation_things_total 3.0" in body
    assert "python_info" not in body


async def test_a_taken_port_is_named() -> None:
    async with status_server(CollectorRegistry(), not_ready=list) as server:
        with pytest.raises(StatusServerError, match=f"cannot listen on 127.0.0.1:{server.port}"):
            async with status_server(CollectorRegistry(), not_ready=list, port=server.port):
                pass


async def test_after_the_block_nobody_answers() -> None:
    async with status_server(CollectorRegistry(), not_ready=list) as server:
        assert (await get(f"{server.url}/healthz"))[0] == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        await get(f"{server.url}/healthz")
