"""Webhooks on their way out: the signature and the sending."""

from workers.review.hooks.deliverer import Deliverer
from workers.review.hooks.signing import signed_headers

__all__ = ["Deliverer", "signed_headers"]
