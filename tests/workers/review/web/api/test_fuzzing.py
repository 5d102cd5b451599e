"""Requests made from the OpenAPI document, right and wrong: never an error of ours.

Every answer has a status that the document names, and a body of the shape that it promises.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator
from pydantic import SecretStr

from schemas import Action
from tests.workers.review.conftest import PASSWORD, QUICK_HASHER, MovableClock
from tests.workers.review.samples import appeal, escalation, post, verdict
from tests.workers.review.web.api.shapes import matching
from workers.review import ReviewSettings
from workers.review.app import review_process
from workers.review.store import Role
from workers.review.web.api import API_PREFIX

ITEM = escalation().verdict.verdict_id
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class Console:
    """A console with some work in it, on a loop of its own, so that Hypothesis can call it."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._settings = ReviewSettings(
            database_url=f"sqlite+aiosqlite:///{folder}/review.db",
            account_password=SecretStr(PASSWORD),
            requests_per_minute=1_000_000,
        )
        self._process = review_process(
            self._settings, None, clock=MovableClock(), hasher=QUICK_HASHER
        )
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        process = await self._process.__aenter__()
        parts = process.parts
        await parts.intake.record([escalation(), escalation(post("other"))])
        await parts.appeals.record(
            [appeal(verdict(post("third"), action=Action.REMOVE), post("third"))]
        )
        admin = await parts.accounts.add("fuzz", PASSWORD, Role.ADMIN)
        _, secret = await parts.tokens.issue(admin, "fuzz", timedelta(days=1))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(process.app, raise_app_exceptions=True),
            base_url="http://console",
            headers={"Authorization": f"Bearer {secret}"},
        )
        self.document = (await self.http.get(f"{API_PREFIX}/openapi.json")).json()

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.http.request(method, path, **arguments))

    def close(self) -> None:
        self.loop.run_until_complete(self.http.aclose())
        self.loop.run_until_complete(self._process.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with closing(Console(tmp_path_factory.mktemp("console"))) as opened:
        yield opened


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def draw_parameters(
    data: st.DataObject, operation: dict[str, Any], schemas: dict[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Path and query of a request: mostly as the document has them, and names that exist."""
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        values = matching(parameter["schema"], schemas)
        if parameter["in"] == "path":
            drawn = data.draw(st.sampled_from([str(ITEM)]) | values.map(str) | st.text(min_size=1))
            path[parameter["name"]] = quote(drawn, safe="", errors="replace")
        elif parameter.get("required") or data.draw(st.booleans()):
            drawn = data.draw(values | JUNK)
            query[parameter["name"]] = str(drawn).encode(errors="replace").decode()
    return path, query


def draw_body(
    data: st.DataObject, operation: dict[str, Any], schemas: dict[str, Any]
) -> bytes | None:
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    right, wrong = matching(schema, schemas), JUNK
    if data.draw(st.integers(0, 3)):
        return json.dumps(data.draw(right)).encode()
    return data.draw(wrong.map(lambda junk: json.dumps(junk).encode()) | st.binary(max_size=40))


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_request_is_an_error_of_ours(console: Console, data: st.DataObject) -> None:
    document = console.document
    schemas = document["components"]["schemas"]
    method, path, operation = data.draw(st.sampled_from(operations(document)))
    names, query = draw_parameters(data, operation, schemas)
    body = draw_body(data, operation, schemas)
    headers = {} if body is None else {"Content-Type": "application/json"}

    answer = console.send(method, path.format(**names), params=query, content=body, headers=headers)

    status = str(answer.status_code)
    assert answer.status_code < 500, answer.text
    if status == "405":
        return  # a drawn name made another path of it
    promised = operation["responses"]
    assert status in promised, (method, path, status, answer.text)
    for shape in promised[status].get("content", {}).values():
        whole = {**shape.get("schema", {}), "components": {"schemas": schemas}}
        Draft202012Validator(whole).validate(answer.json())


def test_every_operation_is_drawn_from(console: Console) -> None:
    assert len(operations(console.document)) >= 20
