"""Requests made from the OpenAPI document, right and wrong: the API keeps to what it promises.

Never an error of ours; every answer has a status that the document names and a body of the shape
that it promises; what breaks the contract is refused, and so is who shows no token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import CheckFunction
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from tests.workers.review.web.api.served import Served, served_console
from workers.review.web.api import API_PREFIX, ROUTERS, openapi_document

EXAMPLES = 12
"""Drawn for each operation, beside those that go through the bounds of each parameter."""
NOT_MEANT = {
    # GET on it asks for an item whose id is `next`, which is no id.
    f"{API_PREFIX}/items/next": [unsupported_method, allow_header_conformance],
    # JSON Schema does not say which fields need which others: a post has text or media,
    # and a period does not end before it begins.
    f"{API_PREFIX}/appeals": [positive_data_acceptance],
    f"{API_PREFIX}/figures": [positive_data_acceptance],
    f"{API_PREFIX}/quality": [positive_data_acceptance],
}
"""Checks that ask more of an operation than it promises."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_console(tmp_path_factory.mktemp("console")) as served:
        yield served


def document() -> dict[str, Any]:
    """What the console serves; pytest makes a test of each operation before there is a console."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return openapi_document(app, API_PREFIX)


api = schemathesis.openapi.from_dict(document())
api.config.generation.allow_extra_parameters = False  # names that nobody asked for are ignored


def not_meant(case: schemathesis.Case) -> list[CheckFunction]:
    """Of a parameter that is there several times the last counts, whatever the others are."""
    repeated = any(isinstance(value, list) for value in (case.query or {}).values())
    return NOT_MEANT.get(case.path, []) + ([negative_data_rejection] if repeated else [])


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_keeps_its_promises(case: schemathesis.Case, console: Served) -> None:
    bearer = {"Authorization": f"Bearer {console.token}"}
    case.call_and_validate(base_url=console.url, headers=bearer, excluded_checks=not_meant(case))


def test_that_is_the_document_which_the_console_serves(console: Served) -> None:
    path = f"{API_PREFIX}/openapi.json"
    served = httpx.get(f"{console.url}{path}").json()

    assert served["paths"].pop(path)
    assert served["paths"] == document()["paths"]
