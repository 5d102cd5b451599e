"""`moderation ledger` as a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_without_a_broker_it_says_which_address_is_silent_and_fails() -> None:
    moderation = Path(sys.executable).with_name("moderation")
    done = subprocess.run(
        [moderation, "ledger"],
        env=os.environ
        | {
            "MODERATION_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "MODERATION_LEDGER_HTTP_PORT": "0",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "no broker answers at 127.0.0.1:1" in done.stderr
    assert not done.stdout
