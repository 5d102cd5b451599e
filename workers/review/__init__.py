"""The review console: people look at what the machine was unsure of, and decide.

``command`` starts it, ``app`` wires it, ``store`` keeps it, ``stream`` ties it to Kafka, ``web``
shows it.
"""

from workers.review.settings import ReviewSettings

__all__ = ["ReviewSettings"]
