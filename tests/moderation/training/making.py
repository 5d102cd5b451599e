"""Made-up posts for the tests of training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image


def write_posts(folder: Path) -> Path:
    """A manifest of forty posts that can be told apart by word, by brightness, by pitch."""
    draw = np.random.default_rng(1)
    lines = []
    for number in range(40):
        bad = number % 2
        row = {
            "id": str(number),
            "labels": {"toxicity": bad},
            "split": "dev" if number % 4 > 1 else "train",
            "source": "made-up",
        }
        kind = number % 5
        if kind < 3:
            row["text"] = f"{'zzz' if bad else 'aaa'} {number}"
        if kind in {2, 3}:
            pixels = draw.integers(0, 40, (20, 20, 3)) + 200 * bad
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
            row["image"] = f"{number}.png"
        if kind == 4:
            time = np.arange(4000) / 16_000
            tone = np.sin(2 * np.pi * (2000 if bad else 200) * time).astype(np.float32)
            soundfile.write(folder / f"{number}.wav", tone, 16_000)
            row["audio"] = f"{number}.wav"
        lines.append(json.dumps(row))
    path = folder / "posts.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path
