"""Roll-outs of models: what an operator asks for, by which steps, and when not."""

from workers.rollout.digest import folder_digest

__all__ = ["folder_digest"]
