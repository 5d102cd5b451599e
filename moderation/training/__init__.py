"""Training the classifier: progressive, masked, resumable."""

from moderation.training.errors import SpeechError, TrainingError
from moderation.training.recipe import Recipe, StageRecipe
from moderation.training.reporting import ProgressReporter, Reporter
from moderation.training.run import Run, train, train_encoders

__all__ = [
    "ProgressReporter",
    "Recipe",
    "Reporter",
    "Run",
    "SpeechError",
    "StageRecipe",
    "TrainingError",
    "train",
    "train_encoders",
]
