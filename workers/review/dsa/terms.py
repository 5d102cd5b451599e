"""What the platform's restrictions rest on, from the settings."""

from __future__ import annotations

from workers.review.dsa.writing import Terms
from workers.review.settings import ReviewSettings


def terms_of(settings: ReviewSettings) -> Terms:
    """The terms that statements of reasons name."""
    return Terms(
        settings.terms_name,
        settings.terms_url,
        settings.territories,
        settings.statement_categories,
    )
