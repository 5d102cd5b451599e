"""What stops the worker, or sets one record aside.

- ModeratorError
    - StartError: the worker cannot begin; the message says what to mend
    - BrokerLostError: the broker takes no answers any more; nothing unanswered was committed
    - DeviceLostError: the device is broken, and only a new process helps
    - DeviceFullError: the device has no memory for these posts; fewer at once may do
    - UnreadableRecordError: one record is no post; it becomes a dead letter
"""

from __future__ import annotations

from schemas import ErrorClass


class ModeratorError(Exception):
    """Base of every error of this package."""


class StartError(ModeratorError):
    """The worker cannot begin: a setting, the policy, the model or the broker is not as needed."""


class BrokerLostError(ModeratorError):
    """The broker does not take answers, although the producer tried again for its whole time."""


class DeviceLostError(ModeratorError):
    """The device is broken: scoring again in this process would fail for every post."""


class DeviceFullError(ModeratorError):
    """The device has no memory for these posts: fewer at once need less."""


class UnreadableRecordError(ModeratorError):
    """A record is no post. The message names fields and never repeats their content."""

    def __init__(self, error_class: ErrorClass, reason: str) -> None:
        self.error_class = error_class
        super().__init__(reason)
