"""What can keep the demo from its end.

- DemoError
    - ProduceError: the topic of posts is missing, or the broker does not take what is sent
    - RecordTooLargeError: a record is larger than the contract allows
    - PortTakenError: something else listens where a process should
    - ProcessFailedError: a process ended, or did not become ready in time
    - AnswersError: a record is left without an answer after the deadline, or has contradicting ones
"""

from __future__ import annotations


class DemoError(Exception):
    """Base of every error of this package; its message is for the person at the terminal."""


class ProduceError(DemoError):
    """The topic of posts is missing, or the broker does not take what is sent."""


class RecordTooLargeError(DemoError):
    """A record is larger than the contract allows."""


class PortTakenError(DemoError):
    """Something else listens on a port that a process was to use."""


class ProcessFailedError(DemoError):
    """A child process ended by itself, or did not become ready in time."""


class AnswersError(DemoError):
    """A record is left without an answer after the deadline, or has contradicting ones."""
