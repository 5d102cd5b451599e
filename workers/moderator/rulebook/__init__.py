"""The rules that judge: what is in force, and how another policy takes its place."""

from workers.moderator.rulebook.file_watch import FileWatch
from workers.moderator.rulebook.metrics import PolicyMetrics
from workers.moderator.rulebook.opened import OpenedPolicy, open_policy
from workers.moderator.rulebook.reload import EditionMaker, Refusal, Reloader
from workers.moderator.rulebook.rulebook import Decider, Edition, Rulebook, edition_of
from workers.moderator.rulebook.topic_follow import PolicyFollower

__all__ = [
    "Decider",
    "Edition",
    "EditionMaker",
    "FileWatch",
    "OpenedPolicy",
    "PolicyFollower",
    "PolicyMetrics",
    "Refusal",
    "Reloader",
    "Rulebook",
    "edition_of",
    "open_policy",
]
