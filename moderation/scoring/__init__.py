"""The port between whoever has posts to score and whatever scores them.

Light on purpose: nothing here loads torch, so a process that only passes scores on starts at once.
:class:`~moderation.inference.Scorer` is the real one.
"""

from moderation.scoring.constant import ConstantScorer
from moderation.scoring.port import PostScorer, PostScores

__all__ = ["ConstantScorer", "PostScorer", "PostScores"]
