"""Faults on purpose: the process kills or stops itself where a crash would hurt most.

For drills and the fault suite, which must hit a moment that no signal from outside can aim at.
Without the setting ``fault`` there is no fault point, and nothing is asked at any step.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum
from typing import Final

from workers.streams import get_logger

log = get_logger(__name__)


class Step(StrEnum):
    """Moments of a chunk of answers, in their order."""

    BEFORE_SEND = "before_send"  # nothing is produced
    AFTER_SEND = "after_send"  # all is handed to the producer, nothing awaited
    BEFORE_OFFSETS = "before_offsets"  # the broker has the answers, and no offsets
    BEFORE_COMMIT = "before_commit"  # the broker has both, in an open transaction
    AFTER_COMMIT = "after_commit"  # committed, and not noted here


FAULT_PATTERN: Final = (
    rf"^(SIGKILL|SIGSTOP)@({'|'.join(step.value for step in Step)})(:[1-9][0-9]*)?$"
)
"""A signal, a step, and at which time; the first unless said."""


class FaultPoint:
    """Sends this process a signal when a step is reached for the n-th time.

    Args:
        text: as :data:`FAULT_PATTERN` says, like ``SIGKILL@before_commit:5``; None for never.
    """

    def __init__(self, text: str | None = None) -> None:
        self._step: Step | None = None
        self._left = 0
        if text is not None:
            name, _, rest = text.partition("@")
            step, _, times = rest.partition(":")
            self._signal = signal.Signals[name]
            self._step, self._left = Step(step), int(times or 1)

    def reach(self, step: Step) -> None:
        """A chunk has come to this step."""
        if step is not self._step:
            return
        self._left -= 1
        if self._left == 0:
            log.warning("a fault that was asked for", step=step, signal=self._signal)
            os.kill(os.getpid(), self._signal)
