"""Training the classifier: progressive, masked, resumable."""

from moderation.training.errors import SpeechError, TrainingError
from moderation.training.recipe import Recipe, StageRecipe
from moderation.training.run import Run, train
from moderation.training.stage import ProgressReporter, Reporter

__all__ = [
    "ProgressReporter",
    "Recipe",
    "Reporter",
    "Run",
    "SpeechError",
    "StageRecipe",
    "TrainingError",
    "train",
]
