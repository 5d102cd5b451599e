"""How good a classifier is, on labelled posts."""

from moderation.evaluation.errors import EvaluationError, ManifestError
from moderation.evaluation.manifest import (
    DEV,
    TRAIN,
    Row,
    read_audio,
    read_image,
    read_manifest,
    write_manifest,
)
from moderation.evaluation.metrics import (
    accuracy,
    auroc,
    average_precision,
    calibration_error,
    macro_f1,
    precision_recall_f1,
)
from moderation.evaluation.predict import predict
from moderation.evaluation.report import CategoryFigures, Report, category_figures, evaluate

__all__ = [
    "DEV",
    "TRAIN",
    "CategoryFigures",
    "EvaluationError",
    "ManifestError",
    "Report",
    "Row",
    "accuracy",
    "auroc",
    "average_precision",
    "calibration_error",
    "category_figures",
    "evaluate",
    "macro_f1",
    "precision_recall_f1",
    "predict",
    "read_audio",
    "read_image",
    "read_manifest",
    "write_manifest",
]
