"""`moderation ledger` as a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from tests.support.program import Program
from workers.settings import KafkaSettings


class LedgerProcess(Program):
    """A running ledger."""

    command: ClassVar[str] = "ledger"
    url_pattern: ClassVar[str] = r"status=(http://\S+)"


def running_ledger(
    kafka: KafkaSettings, folder: Path, settings: Mapping[str, str] | None = None
) -> AbstractContextManager[LedgerProcess]:
    """A ledger that is ready, with its tables and log in ``folder``; stopped at the end."""
    return LedgerProcess.running(
        kafka,
        folder,
        {
            "MODERATION_LEDGER_DATA_DIR": str(folder / "tables"),
            "MODERATION_LEDGER_HTTP_PORT": "0",
            **(settings or {}),
        },
    )
