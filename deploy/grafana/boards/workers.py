"""Worker internals: intake, stages, device, delivery, processes."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board, Row
from deploy.grafana.rows import delivery, device, intake, processes, stages
from deploy.grafana.variables import INSTANCE, Choice

BOARD: Final = Board(
    name="workers",
    title="worker internals",
    description=(
        "For whoever looks for the reason of a slow or stuck worker: what comes in, where posts "
        "spend their time, how answers leave."
    ),
    choices=(INSTANCE, Choice("partition", "Partition", "moderation_consumer_lag_records")),
    rows=(
        Row("What comes in?", intake.panels),
        Row("Where does the time go?", stages.panels),
        Row("Is the device used well?", device.panels),
        Row("How do answers leave?", delivery.panels),
        Row("What do the processes take?", processes.panels),
    ),
)
