"""The models of a worker: which judges, which is compared with it, and how they change."""

from workers.moderator.lineup.conductor import Conductor, Wish
from workers.moderator.lineup.lineup import Lineup
from workers.moderator.lineup.metrics import LineupMetrics
from workers.moderator.lineup.models import Models
from workers.moderator.lineup.opening import (
    LoadNamed,
    OpenedModels,
    SecondModel,
    opened_models,
    second_model,
)
from workers.moderator.lineup.shadow import Shadow
from workers.moderator.lineup.slot import Slot, open_slot

__all__ = [
    "Conductor",
    "Lineup",
    "LineupMetrics",
    "LoadNamed",
    "Models",
    "OpenedModels",
    "SecondModel",
    "Shadow",
    "Slot",
    "Wish",
    "open_slot",
    "opened_models",
    "second_model",
]
