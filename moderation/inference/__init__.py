"""Decoded posts to calibrated scores: windows, batches, isolation of what fails."""

from moderation.inference.batching import batches_by_budget
from moderation.inference.engine import CPU_BUDGETS, GPU_BUDGETS, Budgets
from moderation.inference.errors import (
    DeviceError,
    InferenceError,
    NotFiniteError,
    WarmUpError,
)
from moderation.inference.precision import Precision
from moderation.inference.scorer import SHIPPED_MODEL_DIR, Scorer

__all__ = [
    "CPU_BUDGETS",
    "GPU_BUDGETS",
    "SHIPPED_MODEL_DIR",
    "Budgets",
    "DeviceError",
    "InferenceError",
    "NotFiniteError",
    "Precision",
    "Scorer",
    "WarmUpError",
    "batches_by_budget",
]
