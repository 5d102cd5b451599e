"""The broker's folder: one running broker at a time, and a note of where it answers.

The broker process inherits an open lock on ``lock`` and holds it until it ends, however it ends.
So "is it running?" is a question to the operating system, never to a process id that may long
belong to another program.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from workers.streams.broker.settings import Kind
from workers.streams.errors import BrokerStartError

LOCK_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class BrokerNote:
    """What another process needs to use or stop a running broker."""

    kind: Kind
    bootstrap_servers: str
    version: str
    pid: int


class BrokerHome:
    """The folder of one broker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.records_dir = self.folder / "records"
        self.logs_dir = self.folder / "logs"
        self.config_dir = self.folder / "config"
        self._lock = self.folder / "lock"
        self._note = self.folder / "broker.json"

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Own the folder; yields the file descriptor for the broker process to inherit.

        The lock outlives the block in the process that inherited it.

        Raises:
            BrokerStartError: a broker runs in this folder.
        """
        for folder in (self.records_dir, self.logs_dir, self.config_dir):
            folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, LOCK_MODE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BrokerStartError(
                    f"a broker already runs in {self.folder}; use it, stop it by `moderation "
                    "broker down`, or give another data folder"
                ) from None
            self._note.unlink(missing_ok=True)
            yield descriptor
        finally:
            os.close(descriptor)

    def is_running(self) -> bool:
        """Whether a broker process lives in this folder, answering or not."""
        if not self._lock.exists():
            return False
        descriptor = os.open(self._lock, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def write_note(self, note: BrokerNote) -> None:
        """Announce the broker that answers now."""
        fresh = self._note.with_suffix(".fresh")
        fresh.write_text(json.dumps(asdict(note)) + "\n", encoding="utf-8")
        fresh.replace(self._note)

    def read_note(self) -> BrokerNote | None:
        """The running broker's note; None when no broker runs, or none answers yet."""
        if not self.is_running():
            return None
        try:
            return BrokerNote(**json.loads(self._note.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
