"""The embedded broker: librdkafka's in-process cluster in a small child process.

It needs neither Java nor Maven; what it cannot do stands in
:data:`workers.streams.broker.choice.EMBEDDED_LIMITS`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from workers.streams.broker.home import BrokerHome

CHILD: Final = "workers.streams.broker.embedded_child"


def start_embedded(
    home: BrokerHome, lock: int, *, detach: bool
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start the child.

    Args:
        home: the folder, held by ``lock``.
        lock: descriptor that the child inherits.
        detach: whether it outlives this process.

    Returns:
        The child, and the file that will hold its address.
    """
    address = home.config_dir / "embedded.address"
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", CHILD, str(address)]
    with embedded_log(home).open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - a module of ours, in this interpreter
            [*command, "--detached"] if detach else command,
            stdin=subprocess.DEVNULL if detach else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
            start_new_session=True,
        )
    return child, address


def embedded_log(home: BrokerHome) -> Path:
    """What the child printed."""
    return home.logs_dir / "embedded.log"
