"""Arguments that several training commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Manifests = Annotated[
    list[Path], typer.Argument(help="Manifests of labelled posts, .jsonl or .jsonl.gz.")
]
