"""A real Apache Kafka that can be stopped, killed and held, and comes back where it was."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Final

from bench.faults.standstill import stands_still
from workers.streams import BrokerSettings, start_broker

START_SECONDS: Final = 180.0
"""Until it answers: the recovery of some hundred partitions after a kill, on a busy machine."""

CONNECT_SECONDS: Final = 2.0
"""On one machine a moment, or never."""


class FragileBroker:
    """The development broker, of kind ``apache``, always on the same port and records.

    Args:
        folder: of its records and logs.

    Raises:
        BrokerError: it cannot run here.
    """

    def __init__(self, folder: Path) -> None:
        settings = BrokerSettings(kind="apache", port=0)
        self._settings = settings.model_copy(
            update={"data_dir": folder, "start_seconds": START_SECONDS}
        )
        self._broker = start_broker(self._settings)
        port = int(self._broker.bootstrap_servers.rpartition(":")[2])
        self._settings = self._settings.model_copy(update={"port": port})

    @property
    def bootstrap_servers(self) -> str:
        """The address, the same after every start."""
        return self._broker.bootstrap_servers

    @property
    def records_dir(self) -> Path:
        """``log.dirs``."""
        return self._broker.folder / "records"

    def stop(self) -> None:
        """End it in order."""
        self._broker.stop()

    def kill(self) -> None:
        """End it as a power cut of its process would."""
        os.kill(self._broker.pid, signal.SIGKILL)
        self._broker.stop()

    def hold(self) -> None:
        """Let it stand still, with its connections open."""
        os.kill(self._broker.pid, signal.SIGSTOP)

    def release(self) -> None:
        """Let it go on after :meth:`hold`."""
        os.kill(self._broker.pid, signal.SIGCONT)

    @property
    def stands_still(self) -> bool:
        """Whether it is held."""
        return stands_still(self._broker.pid)

    @property
    def listens(self) -> bool:
        """Whether somebody takes connections at its address."""
        host, _, port = self.bootstrap_servers.rpartition(":")
        try:
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Bring it back, and wait until it answers."""
        self._broker = start_broker(self._settings)
