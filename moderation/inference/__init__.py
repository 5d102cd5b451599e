"""Decoded posts to calibrated scores: windows, batches, isolation of what fails."""

from moderation.inference.batching import batches_by_budget
from moderation.inference.cache import DEFAULT_CACHE_BYTES, CacheCounts
from moderation.inference.engine import CPU_BUDGETS, GPU_BUDGETS, Budgets
from moderation.inference.errors import (
    DeviceError,
    InferenceError,
    NotFiniteError,
    WarmUpError,
)
from moderation.inference.explain import (
    Explanation,
    NothingToExplainError,
    Weights,
    WordWeight,
    explain,
)
from moderation.inference.precision import Precision
from moderation.inference.scorer import SHIPPED_MODEL_DIR, Scorer, choose_device
from moderation.inference.vectors import EMBEDDING_TOLERANCE
from moderation.inference.work import EncoderWork

__all__ = [
    "CPU_BUDGETS",
    "DEFAULT_CACHE_BYTES",
    "EMBEDDING_TOLERANCE",
    "GPU_BUDGETS",
    "SHIPPED_MODEL_DIR",
    "Budgets",
    "CacheCounts",
    "DeviceError",
    "EncoderWork",
    "Explanation",
    "InferenceError",
    "NotFiniteError",
    "NothingToExplainError",
    "Precision",
    "Scorer",
    "WarmUpError",
    "Weights",
    "WordWeight",
    "batches_by_budget",
    "choose_device",
    "explain",
]
