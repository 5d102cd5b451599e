"""Everything that a request may need, in one place that the application hands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from fastapi import Request

from workers.review.clock import Clock
from workers.review.dsa.writing import Terms
from workers.review.metrics import ReviewMetrics
from workers.review.parts import Parts
from workers.review.sso import SignOn
from workers.review.web.limits import RateLimit
from workers.review.web.media import MediaShelf


@dataclass(frozen=True, slots=True)
class Console:
    """The parts behind the pages.

    ``decided`` is called after a decision, so that the relay need not wait for its next look;
    ``sign_on`` is the provider that people may sign in with, where there is one;
    ``terms`` are what restrictions rest on;
    ``not_ready`` gives the reasons why the console does not do all of its work.
    """

    parts: Parts
    shelf: MediaShelf
    metrics: ReviewMetrics
    clock: Clock
    requests: RateLimit
    logins: RateLimit
    behind_https: bool
    local_accounts: bool
    sign_on: SignOn | None
    terms: Terms
    decided: Callable[[], None]
    not_ready: Callable[[], Sequence[str]]

    @property
    def session_cookie(self) -> str:
        """Name of the cookie; ``__Host-`` makes browsers bind it to this host and to https."""
        return "__Host-review" if self.behind_https else "review"


def console_of(request: Request) -> Console:
    """The console that serves this request."""
    return cast("Console", request.app.state.console)
