"""The OpenAPI document of the API, made from its routes."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from schemas import Appeal
from workers.review.web.api.appeals import COMPONENT_REFERENCE
from workers.review.web.api.shapes import Problem

VERSION: Final = "1.0.0"
ERROR_STATUSES: Final = {
    "400": "A field is out of bounds.",
    "401": "No token, or one that is over.",
    "403": "The token's role does not allow it, or the item is for another reviewer.",
    "404": "There is nothing under this id.",
    "409": "The item has moved on; the detail says how.",
    "410": "The content was erased.",
    "413": "The body is too large.",
    "422": "The request breaks the contract; the detail says where.",
    "429": "Too many requests; Retry-After says when to come back.",
}


def openapi_document(app: FastAPI, prefix: str) -> dict[str, Any]:
    """The document, OpenAPI 3.1: every route under the prefix, and every way to be refused."""
    whole = get_openapi(
        title="Moderation review",
        version=VERSION,
        summary="Queues, items, decisions, appeals, records, authors' data, accounts and tokens.",
        routes=app.routes,
    )
    paths = {path: of for path, of in whole["paths"].items() if path.startswith(f"{prefix}/")}
    schemas = whole.setdefault("components", {}).setdefault("schemas", {})
    schemas |= _schemas(Problem) | _schemas(Appeal)
    problem = {"$ref": COMPONENT_REFERENCE.format(model=Problem.__name__)}
    refusals = {
        status: {
            "description": said,
            "content": {"application/problem+json": {"schema": problem}},
        }
        for status, said in ERROR_STATUSES.items()
    }
    for methods in paths.values():
        for operation in methods.values():
            operation["responses"] |= refusals
    schemes = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        **whole,
        "paths": paths,
        "components": {"schemas": _used(schemas, paths), "securitySchemes": schemes},
        "security": [{"token": []}],
    }


def _schemas(model: type[Problem | Appeal]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=COMPONENT_REFERENCE, mode="validation")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {model.__name__: schema, **parts}


def _used(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """The schemas that the paths lead to; pages have bodies of their own."""
    used: dict[str, Any] = {}
    waiting = sorted(_references(paths))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = schemas[name]
            waiting += _references(schemas[name])
    return dict(sorted(used.items()))


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    if isinstance(node, list):
        return set().union(*map(_references, node))
    return set()
