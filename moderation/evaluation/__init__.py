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
from moderation.evaluation.over_flagging import OverFlagging, over_flagging
from moderation.evaluation.pictures import draw_pictures
from moderation.evaluation.predict import predict
from moderation.evaluation.probe import Probe, event_probe
from moderation.evaluation.ranking import auroc, average_precision
from moderation.evaluation.reliability import Bin, Reliability, reliabilities, reliability
from moderation.evaluation.report import Report, evaluate, report, slices
from moderation.evaluation.retrieval import Retrieval, evaluate_retrieval
from moderation.evaluation.robustness import Condition, evaluate_robustness, without
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
    "Bin",
    "CategoryFigures",
    "Condition",
    "Difference",
    "EvaluationError",
    "FoldsError",
    "ManifestError",
    "Measured",
    "MissingExtraError",
    "OverFlagging",
    "PairedTest",
    "Probe",
    "Reliability",
    "Report",
    "Retrieval",
    "Row",
    "Scored",
    "Spread",
    "Thresholds",
    "ThresholdsError",
    "assign_folds",
    "auroc",
    "average_precision",
    "category_figures",
    "compare_spreads",
    "default_thresholds",
    "differences",
    "draw_pictures",
    "evaluate",
    "evaluate_retrieval",
    "evaluate_robustness",
    "event_probe",
    "fold_figures",
    "measure",
    "model_thresholds",
    "over_flagging",
    "paired_test",
    "predict",
    "read_audio",
    "read_image",
    "read_manifest",
    "read_thresholds",
    "reliabilities",
    "reliability",
    "report",
    "slices",
    "without",
    "write_manifest",
]
