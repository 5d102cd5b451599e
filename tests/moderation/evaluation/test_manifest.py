"""Manifests: what is read, and what is told when it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from moderation.evaluation import (
    ManifestError,
    Row,
    read_audio,
    read_image,
    read_manifest,
    write_manifest,
)
from schemas import Modality


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")
    return path


def test_media_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "posts.jsonl",
        {"id": "a", "text": "hi", "image": "pictures/a.png", "labels": {"spam": 0}},
    )
    (row,) = read_manifest(path)
    assert row.image == tmp_path / "pictures/a.png"
    assert row.modalities == (Modality.TEXT, Modality.IMAGE)
    assert row.split == "train"


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
def test_written_rows_come_back(tmp_path: Path, name: str) -> None:
    rows = [
        Row(id="1", text="你好", labels={"hate": 1}, lang="zh", source="ours", split="dev"),
        Row(id="2", audio=tmp_path / "a.ogg", labels={}),
    ]
    write_manifest(tmp_path / name, rows)
    assert read_manifest(tmp_path / name) == rows


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x", "text": "hi"},
        {"id": "x", "text": "hi", "labels": {"spam": 2}},
        {"id": "x", "labels": {"spam": 1}},
        ["x"],
    ],
    ids=["no labels", "label of 2", "no content", "a list"],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: object) -> None:
    good = {"id": "a", "text": "hi", "labels": {}}
    path = write_lines(tmp_path / "posts.jsonl", good, row)
    with pytest.raises(ManifestError, match=r"posts\.jsonl:2"):
        read_manifest(path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such manifest"):
        read_manifest(tmp_path / "nothing.jsonl")


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(ManifestError, match=r"a\.png"):
        read_image(tmp_path / "a.png")


def test_a_grey_picture_is_read_as_rgb(tmp_path: Path) -> None:
    Image.new("L", (5, 4), 200).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").shape == (4, 5, 3)


def test_a_broken_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(b"not a sound")
    with pytest.raises(ManifestError, match=r"a\.ogg"):
        read_audio(tmp_path / "a.ogg")


def test_a_sound_at_another_rate_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100, np.float32), 8000)
    with pytest.raises(ManifestError, match="8000"):
        read_audio(tmp_path / "a.wav")


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    stereo = np.stack([np.full(100, 0.5), np.full(100, -0.5)], axis=1).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", stereo, 16_000)
    assert np.abs(read_audio(tmp_path / "a.wav")).max() < 1e-3
