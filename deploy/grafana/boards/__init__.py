"""The five dashboards, one a file."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board
from deploy.grafana.boards import accuracy, overview, policy, review, workers

BOARDS: Final[tuple[Board, ...]] = (
    overview.BOARD,
    accuracy.BOARD,
    policy.BOARD,
    review.BOARD,
    workers.BOARD,
)

__all__ = ["BOARDS"]
