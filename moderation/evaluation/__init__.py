"""How good a classifier is, on labelled posts."""

from moderation.evaluation.bootstrap import RESAMPLES
from moderation.evaluation.compare import (
    Difference,
    PairedTest,
    compare_spreads,
    differences,
    paired_test,
)
from moderation.evaluation.errors import (
    EvaluationError,
    FoldsError,
    ManifestError,
    MissingExtraError,
    ThresholdsError,
)
from moderation.evaluation.figures import CategoryFigures, Measured, category_figures, measure
from moderation.evaluation.folds import FOLDS, Spread, assign_folds, fold_figures
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
from moderation.evaluation.report import Report, evaluate, figures_by_source, report, slices
from moderation.evaluation.scored import UNKNOWN, Scored
from moderation.evaluation.thresholds import (
    Thresholds,
    default_thresholds,
    model_thresholds,
    read_thresholds,
)

__all__ = [
    "DEV",
    "FOLDS",
    "RESAMPLES",
    "TRAIN",
    "UNKNOWN",
    "CategoryFigures",
    "Difference",
    "EvaluationError",
    "FoldsError",
    "ManifestError",
    "Measured",
    "MissingExtraError",
    "PairedTest",
    "Report",
    "Row",
    "Scored",
    "Spread",
    "Thresholds",
    "ThresholdsError",
    "accuracy",
    "assign_folds",
    "auroc",
    "average_precision",
    "calibration_error",
    "category_figures",
    "compare_spreads",
    "default_thresholds",
    "differences",
    "evaluate",
    "figures_by_source",
    "fold_figures",
    "macro_f1",
    "measure",
    "model_thresholds",
    "paired_test",
    "precision_recall_f1",
    "predict",
    "read_audio",
    "read_image",
    "read_manifest",
    "read_thresholds",
    "report",
    "slices",
    "write_manifest",
]
