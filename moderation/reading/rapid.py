"""RapidOCR: the PaddleOCR models for English and Chinese, run by ONNX Runtime."""

from __future__ import annotations

import queue
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from moderation.media import Pixels
from moderation.reading.errors import ReaderUnavailableError

DETECTOR: Final = "PP-OCRv6_det_small.onnx"
RECOGNISER: Final = "PP-OCRv6_rec_small.onnx"
UPRIGHT: Final = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
"""Files that come inside the package. They are named one by one, because RapidOCR downloads what it
is not given."""

DETECTION_SIDE_PX: Final = 736
"""Longer side at which lines are looked for; they are read from the picture as it is given.
Measured by ``bench/ocr.py``."""

MIN_CONFIDENCE: Final = 0.5
"""Of a line. RapidOCR's own default; below it stand leaves and brickwork taken for letters."""


class RapidReader:
    """Reads with the models that RapidOCR ships: no network, no words of its own.

    Args:
        threads: of one reading. The caller reads several pictures at once, so one is enough.

    Raises:
        ReaderUnavailableError: RapidOCR, its models or ONNX Runtime is not installed.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._settings = _settings(_models(), threads)
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        try:
            self.read(np.full((64, 64, 3), 255, np.uint8))
        except Exception as error:  # a broken installation shows in whatever comes to hand
            raise ReaderUnavailableError(
                f"RapidOCR is installed but cannot read ({type(error).__name__}: {error}); "
                "install the extra `ocr` anew"
            ) from error

    @property
    def name(self) -> str:
        """Program, version and models."""
        return f"rapidocr {version('rapidocr')} ({Path(RECOGNISER).stem})"

    def read(self, pixels: Pixels) -> str:
        """The text in a picture.

        Args:
            pixels: uint8, RGB, shape = (height, width, 3).
        """
        # RapidOCR keeps the state of a reading in itself, so each reading has one to itself.
        try:
            engine = self._idle.get_nowait()
        except queue.Empty:
            from rapidocr import RapidOCR

            engine = RapidOCR(params=self._settings)
        found = engine(np.ascontiguousarray(pixels[:, :, ::-1]))  # it takes BGR
        self._idle.put(engine)
        return "\n".join(found.txts or ())


def _models() -> Path:
    """The folder of the models that come inside RapidOCR."""
    package = find_spec("rapidocr")
    if package is None or package.origin is None or find_spec("onnxruntime") is None:
        raise ReaderUnavailableError(
            "RapidOCR or ONNX Runtime is not installed; install the extra `ocr`: "
            "pip install 'moderation[ocr]'"
        )
    models = Path(package.origin).parent / "models"
    missing = [name for name in (DETECTOR, RECOGNISER, UPRIGHT) if not (models / name).exists()]
    if missing:
        raise ReaderUnavailableError(
            f"this RapidOCR comes without {', '.join(missing)}; install the version that the "
            "extra `ocr` names"
        )
    return models


def _settings(models: Path, threads: int) -> dict[str, Any]:
    return {
        "Global.log_level": "critical",
        "Global.text_score": MIN_CONFIDENCE,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.model_path": str(models / DETECTOR),
        "Det.limit_type": "max",
        "Det.limit_side_len": DETECTION_SIDE_PX,
        "Rec.model_path": str(models / RECOGNISER),
        "Cls.model_path": str(models / UPRIGHT),
    }
