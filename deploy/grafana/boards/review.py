"""Review operations: what waits for people, what they decide, whether they agree, what goes out."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board, Row
from deploy.grafana.rows import people, quality, queue, relay

BOARD: Final = Board(
    name="review",
    title="review operations",
    description=(
        "For the reviewers' lead: what waits and how long, what is decided, whether reviewers "
        "agree, and whether what they decide reaches the platform."
    ),
    rows=(
        Row("What waits for people?", queue.panels),
        Row("What do they decide?", people.panels),
        Row("Do they agree?", quality.panels),
        Row("Does it reach the platform?", relay.panels),
    ),
)
