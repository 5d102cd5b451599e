"""The service overview: is it healthy, is it right, what is it waiting for, what changed."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board, Row
from deploy.grafana.rows import changed, healthy, right, waiting
from deploy.grafana.variables import INSTANCE

BOARD: Final = Board(
    name="overview",
    title="overview",
    description=(
        "For the SRE, and for whoever looks first: is it healthy, is it right, what is it waiting "
        "for, what changed. The other dashboards go deeper."
    ),
    choices=(INSTANCE,),
    rows=(
        Row("Is it healthy?", healthy.panels),
        Row("Is it right?", right.panels),
        Row("What is it waiting for?", waiting.panels),
        Row("What changed?", changed.panels),
    ),
)
