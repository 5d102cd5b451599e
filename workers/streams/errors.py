"""What can go wrong between a process and the broker.

- StreamsError
    - WatermarkError
        - OffsetWentBackwardsError
        - OffsetNeverTakenError
        - WatermarkFullError
    - TopicError
        - TopicDriftError
    - StatusServerError
    - BrokerError (the development broker)
        - BrokerKindUnavailableError
        - BrokerStartError
"""

from __future__ import annotations


class StreamsError(Exception):
    """Base of every error of this package."""


class WatermarkError(StreamsError):
    """The offsets of a partition do not add up; continuing could lose a record."""


class OffsetWentBackwardsError(WatermarkError):
    """A record came again, or out of order, within one assignment."""


class OffsetNeverTakenError(WatermarkError):
    """An answer for a record that was never taken in."""


class WatermarkFullError(WatermarkError):
    """Too many records wait behind an unanswered one."""


class TopicError(StreamsError):
    """A topic could not be made or described."""


class TopicDriftError(TopicError):
    """A topic exists, and contradicts the contract in a way that breaks a promise."""


class StatusServerError(StreamsError):
    """The process's HTTP server could not listen."""


class BrokerError(StreamsError):
    """The development broker could not do what was asked."""


class BrokerKindUnavailableError(BrokerError):
    """What this kind of broker needs is not installed."""


class BrokerStartError(BrokerError):
    """The broker did not come up."""
