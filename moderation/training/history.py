"""What a run did, a JSON object a line: losses as it went, and the dev figure of each epoch.

``{"stage", "step", "epoch", "minutes", "loss", "learning_rate", "parts"}`` for steps, and
``{"stage", "step", "epoch", "minutes", "dev", "pairs", "best"}`` after an epoch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

HISTORY_FILE: Final = "history.jsonl"


class History:
    """The lines of one stage, at the end of a file that the stages share.

    Args:
        folder: where :data:`HISTORY_FILE` lies.
        stage: name of the stage.
        step: at which it starts or goes on; what the file says of later steps is removed, since
            they are done again.
    """

    def __init__(self, folder: Path, stage: str, *, step: int) -> None:
        self._path = folder / HISTORY_FILE
        self._stage = stage
        kept = [
            line
            for line in read_history(folder)
            if line["stage"] != stage or (step > 0 and line["step"] <= step)
        ]
        self._path.write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")

    def write(self, **values: Any) -> None:
        """Add one line."""
        with self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"stage": self._stage, **values}) + "\n")


def read_history(folder: Path) -> list[dict[str, Any]]:
    """All lines; none if there is no history yet."""
    path = folder / HISTORY_FILE
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
