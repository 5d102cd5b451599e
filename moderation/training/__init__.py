"""Training the classifier: progressive, masked, resumable."""

from moderation.training.errors import SpeechError, TrainingError
from moderation.training.processes import Processes
from moderation.training.recipe import Recipe, StageRecipe
from moderation.training.recipe_file import read_recipe
from moderation.training.recorder import EXTRA_MISSING, curves_can_be_drawn
from moderation.training.reporting import ProgressReporter, Reporter
from moderation.training.run import Run, train, train_encoders

__all__ = [
    "EXTRA_MISSING",
    "Processes",
    "ProgressReporter",
    "Recipe",
    "Reporter",
    "Run",
    "SpeechError",
    "StageRecipe",
    "TrainingError",
    "curves_can_be_drawn",
    "read_recipe",
    "train",
    "train_encoders",
]
