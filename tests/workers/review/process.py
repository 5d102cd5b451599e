"""`moderation review` as a process of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from tests.support.program import Program
from workers.settings import KafkaSettings

NAME = "reviewer"


class ConsoleProcess(Program):
    """A running console. ``password`` is the one that it printed."""

    command: ClassVar[str] = "review"
    url_pattern: ClassVar[str] = r"Review console: (http://\S+)"

    @property
    def password(self) -> str:
        return self.printed(rf"Account {NAME}, password (\S+)")


def running_console(
    kafka: KafkaSettings, folder: Path, **settings: str
) -> AbstractContextManager[ConsoleProcess]:
    """A console that is ready, with its database and log in ``folder``; ended at the end."""
    given = {
        "port": "0",
        "database_url": f"sqlite+aiosqlite:///{folder}/review.db",
        "undo_seconds": "0",  # tests wait for decisions on their topic
        "second_opinion_rate": "0",  # and leave nothing to chance
    } | settings
    return ConsoleProcess.running(
        kafka,
        folder,
        {f"MODERATION_REVIEW_{name.upper()}": value for name, value in given.items()},
    )
