"""Training the classifier: progressive, masked, resumable."""

from moderation.training.device import choose_device
from moderation.training.distill import Distillation, Teaching, distil, student_of
from moderation.training.errors import SpeechError, TrainingError
from moderation.training.importance import Importance, importance_by_loss, importance_by_weight
from moderation.training.known_model import known_config
from moderation.training.processes import Processes
from moderation.training.prune import pruned
from moderation.training.recipe import Recipe, StageRecipe, recipe_for
from moderation.training.recipe_file import read_recipe
from moderation.training.recorder import EXTRA_MISSING, curves_can_be_drawn
from moderation.training.reporting import ProgressReporter, Reporter
from moderation.training.run import Run, train, train_encoders

__all__ = [
    "EXTRA_MISSING",
    "Distillation",
    "Importance",
    "Processes",
    "ProgressReporter",
    "Recipe",
    "Reporter",
    "Run",
    "SpeechError",
    "StageRecipe",
    "Teaching",
    "TrainingError",
    "choose_device",
    "curves_can_be_drawn",
    "distil",
    "importance_by_loss",
    "importance_by_weight",
    "known_config",
    "pruned",
    "read_recipe",
    "recipe_for",
    "student_of",
    "train",
    "train_encoders",
]
