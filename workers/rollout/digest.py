"""Which model a folder holds, before anything of it is loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

BESIDE_THE_MODEL: Final = frozenset({"README.md", "metrics.json"})
"""Its card and its figures: they may be mended without making another model of it."""


def folder_digest(folder: Path) -> str:
    """``sha256:…`` over names and contents of the files that make the model.

    That is every file of the folder but card, figures and hidden ones.

    Raises:
        OSError: the folder or a file cannot be read, or it holds none.
    """
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name not in BESIDE_THE_MODEL and not path.name.startswith(".")
    )
    if not files:
        raise FileNotFoundError(f"{folder} holds no files")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            own = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{own}  {path.name}\n".encode())
    return f"sha256:{digest.hexdigest()}"
