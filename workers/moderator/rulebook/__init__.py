"""The rules that judge: what is in force, and how another policy takes its place."""

from workers.moderator.rulebook.file_watch import FileWatch
from workers.moderator.rulebook.metrics import PolicyMetrics
from workers.moderator.rulebook.opened import OpenedPolicy, open_policy
from workers.moderator.rulebook.published import WAIT_SECONDS, PublishedPolicy
from workers.moderator.rulebook.reload import EditionMaker, Reloader
from workers.moderator.rulebook.rulebook import (
    Decider,
    Edition,
    NamedBank,
    Rulebook,
    edition_of,
)

__all__ = [
    "WAIT_SECONDS",
    "Decider",
    "Edition",
    "EditionMaker",
    "FileWatch",
    "NamedBank",
    "OpenedPolicy",
    "PolicyMetrics",
    "PublishedPolicy",
    "Reloader",
    "Rulebook",
    "edition_of",
    "open_policy",
]
