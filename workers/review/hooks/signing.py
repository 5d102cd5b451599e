"""The signature of a webhook, as Standard Webhooks 1.0 has it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from uuid import UUID


def signed_headers(secret: bytes, delivery_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """Headers that prove who sent the body, and when.

    The receiver computes HMAC-SHA256 over ``id.timestamp.body``, compares in constant time,
    refuses old timestamps, and takes an id that it knows for done.
    """
    timestamp = str(int(at.timestamp()))
    message = b".".join((str(delivery_id).encode(), timestamp.encode(), body))
    digest = base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
    }
