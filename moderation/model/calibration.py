"""Logits to probabilities that can be believed: one temperature and one offset a category.

Guo et al., "On Calibration of Modern Neural Networks" (2017), with Platt's offset, because the
training data's base rates are not those of a platform's posts.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from moderation.model.errors import ModelFolderError


@dataclass(frozen=True, slots=True)
class Calibration:
    """``probability = sigmoid(logit / temperature + offset)``, category by category."""

    temperature: tuple[float, ...]
    offset: tuple[float, ...]

    @classmethod
    def identity(cls, categories: int) -> Self:
        """Leaves the logits as they are."""
        return cls((1.0,) * categories, (0.0,) * categories)

    def to_json(self, categories: Sequence[str]) -> str:
        """Indented JSON, an entry a category."""
        entries = {
            name: dataclasses.asdict(Calibration((t,), (o,)))
            for name, t, o in zip(categories, self.temperature, self.offset, strict=True)
        }
        flat = {name: {key: values[0] for key, values in e.items()} for name, e in entries.items()}
        return json.dumps(flat, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, categories: Sequence[str]) -> Self:
        """Read ``calibration.json``.

        Raises:
            ModelFolderError: an entry is missing or is no number, or a temperature is not positive.
        """
        try:
            entries = json.loads(text)
            temperature = tuple(float(entries[name]["temperature"]) for name in categories)
            offset = tuple(float(entries[name]["offset"]) for name in categories)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelFolderError(
                f"calibration.json needs a temperature and an offset for each of "
                f"{', '.join(categories)}; what it has is off at {error}"
            ) from error
        if min(temperature) <= 0:
            raise ModelFolderError("calibration.json holds a temperature that is not positive")
        return cls(temperature, offset)
