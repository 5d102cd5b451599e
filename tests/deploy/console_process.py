"""`moderation review` as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import eventually
from workers.settings import KafkaSettings

START_SECONDS = 120.0
HTTP_SECONDS = 5.0

_ANNOUNCED = re.compile(r"Review console: (http://\S+)")


@contextmanager
def running_console(kafka: KafkaSettings, folder: Path) -> Iterator[str]:
    """The address of a console that is ready, with its database in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "console.log"
    environment = os.environ | {
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
        "MODERATION_REVIEW_PORT": "0",
        "MODERATION_REVIEW_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'review.db'}",
    }
    moderation = Path(sys.executable).with_name("moderation")
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [moderation, "review"], env=environment, stdout=output, stderr=output
        ) as process,
    ):

        def ready() -> str:
            assert process.poll() is None, f"the console ended:\n{log.read_text()}"
            announced = _ANNOUNCED.search(log.read_text())
            if announced is None:
                return ""
            try:
                with urllib.request.urlopen(f"{announced[1]}/readyz", timeout=HTTP_SECONDS):
                    return announced[1]
            except OSError:
                return ""

        try:
            yield eventually(ready, within_seconds=START_SECONDS, describe="the console is ready")
        finally:
            process.kill()
