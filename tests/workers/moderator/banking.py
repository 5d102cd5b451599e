"""Pictures and banks for the worker's tests."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from moderation.media import MediaLimits, decode_image
from rules.banks import BankSettings, Change, append, create_bank, dihedral_hashes

TEXT = "Join our channel today and double your coins within a week, guaranteed, ask me how!"


def drawing(seed: int, *, form: str = "PNG", size: tuple[int, int] = (320, 240)) -> bytes:
    """A picture of soft patches of colour, another one for each seed; lossy where the form is."""
    patches = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    picture = Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, form, quality=40)
    return buffer.getvalue()


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def hashes(raw: bytes) -> list[str]:
    """The PDQ hashes that a bank holds of a picture."""
    rows, _ = dihedral_hashes(decode_image(raw, MediaLimits()).pixels)
    return [row.hex() for row in rows]


def make_bank(folder: Path, kind: str, entries: dict[str, list[str]], **settings: Any) -> Path:
    """A bank with these entries, each with its rows; returns its folder."""
    create_bank(folder, BankSettings(kind=kind, **settings))
    append(folder, [Change(op="add", entry=entry, rows=rows) for entry, rows in entries.items()])
    return folder
