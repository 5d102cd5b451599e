"""What can keep the demo from its end.

- DemoError
    - InputFileError: the file to produce cannot be read
    - BrokerUnreachableError: no broker answers at the address
    - PortTakenError: something else listens where a process should
    - ProcessFailedError: a process ended, or did not become ready in time
    - UnansweredError: records are left without an answer after the deadline
"""

from __future__ import annotations


class DemoError(Exception):
    """Base of every error of this package; its message is for the person at the terminal."""


class InputFileError(DemoError):
    """The file to produce cannot be read."""


class BrokerUnreachableError(DemoError):
    """No broker answers at the address."""


class PortTakenError(DemoError):
    """Something else listens on a port that a process was to use."""


class ProcessFailedError(DemoError):
    """A child process ended by itself, or did not become ready in time."""


class UnansweredError(DemoError):
    """Records are left without an answer after the deadline."""
