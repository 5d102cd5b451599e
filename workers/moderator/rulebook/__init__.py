"""The rules that judge: what is in force, and how another policy takes its place."""

from workers.moderator.rulebook.rulebook import Decider, Edition, Rulebook, edition_of

__all__ = ["Decider", "Edition", "Rulebook", "edition_of"]
