"""The console for programs: the same work and the same rights, as JSON under ``/api/v1``."""

from workers.review.web.api import (
    accounts,
    appeals,
    authors,
    items,
    media,
    records,
    tokens,
    upkeep,
    webhooks,
)
from workers.review.web.api.document import openapi_document
from workers.review.web.api.prefix import API_PREFIX

ROUTERS = (
    items.router,
    media.router,
    appeals.router,
    records.router,
    upkeep.router,
    authors.router,
    accounts.router,
    tokens.router,
    webhooks.router,
)
"""Every part of the API."""

__all__ = ["API_PREFIX", "ROUTERS", "openapi_document"]
