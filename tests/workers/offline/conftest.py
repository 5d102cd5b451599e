from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from moderation.model import tiny_classifier

WriteLines = Callable[..., Path]


@pytest.fixture(autouse=True, scope="module")
def one_thread(one_torch_thread: None) -> None:
    """In every module here."""


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with random weights: real code all the way, no knowledge."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny_classifier().save_pretrained(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture and a sound."""
    media = tmp_path / "input" / "media"
    media.mkdir(parents=True)
    Image.new("RGB", (40, 30), "teal").save(media / "photo.png")
    soundfile.write(media / "voice.wav", np.zeros(16_000), 16_000)
    return media.parent


@pytest.fixture
def write_lines(folder: Path) -> WriteLines:
    """Writes rows (objects as JSON, strings as they are) to a file in the folder."""

    def write(*rows: object, name: str = "rows.jsonl") -> Path:
        path = folder / name
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write
