"""Answers to the broker, and the offsets of their records with them."""

from workers.moderator.delivery.at_least_once import AtLeastOnce
from workers.moderator.delivery.chunks import ChunkLimits
from workers.moderator.delivery.exactly_once import ExactlyOnce
from workers.moderator.delivery.lane import Lane
from workers.moderator.delivery.messages import Message, Messages
from workers.moderator.delivery.opening import Choice, choose_delivery, open_delivery
from workers.moderator.delivery.port import Books, Delivery
from workers.moderator.delivery.transactor import Transactor

__all__ = [
    "AtLeastOnce",
    "Books",
    "Choice",
    "ChunkLimits",
    "Delivery",
    "ExactlyOnce",
    "Lane",
    "Message",
    "Messages",
    "Transactor",
    "choose_delivery",
    "open_delivery",
]
