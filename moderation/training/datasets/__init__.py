"""The public sets that the shipped model learns from, rebuilt from clones of their repositories."""

from moderation.training.datasets.build import Built, build_dataset
from moderation.training.datasets.errors import DatasetError
from moderation.training.datasets.table import SETS, PublicSet

__all__ = ["SETS", "Built", "DatasetError", "PublicSet", "build_dataset"]
