"""The plan of the audit sample: into which strata verdicts fall, and how often each is drawn.

The moderator draws by it, and ``moderation ledger plan`` writes a better one from what reviewers
found in the sample. A stratum is an action, a band of the highest score, the modalities that were
scanned and a language; its name is those four words, such as ``allow-s1-text_image-en``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from schemas import Action, Modality
from schemas.base import Name, Probability

SCORE_EDGES: Final = (0.02, 0.1, 0.3, 0.5, 0.8)
"""Between the bands of the highest score. Most posts of a platform lie below the first; near 0.5 a
small error turns an action over, so the bands there are narrow in log-odds."""

LANGUAGES: Final = ("en", "zh")
"""Those of the shipped classifier; the rest is one stratum, ``other``."""

Rate = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]
PrimaryTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class AuditPlanError(Exception):
    """The file is no plan; the message says what to mend."""


class AuditPlan(BaseModel):
    """The probability with which the verdicts of each stratum are drawn.

    ``rates`` names strata; every other one is drawn with ``default_rate``. Verdicts that can never
    be drawn are verdicts that no figure can speak of, so only a plan that names no stratum may have
    a default of 0: it switches the audit off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default_rate: Probability = 0.0
    score_edges: tuple[Rate, ...] = SCORE_EDGES
    languages: tuple[PrimaryTag, ...] = LANGUAGES
    rates: Mapping[Name, Rate] = Field(default_factory=dict)

    @field_validator("score_edges")
    @classmethod
    def _ascending(cls, edges: tuple[float, ...]) -> tuple[float, ...]:
        if list(edges) != sorted(set(edges)):
            raise ValueError("edges between score bands must ascend")
        return edges

    @model_validator(mode="after")
    def _nothing_out_of_reach(self) -> Self:
        if self.rates and self.default_rate == 0.0:
            raise ValueError(
                "default_rate is 0, so verdicts outside the named strata would never be seen; "
                "give it a small rate"
            )
        return self

    @classmethod
    def load(cls, path: Path) -> AuditPlan:
        """Read a plan.

        Raises:
            AuditPlanError: there is no such file, or it is no plan.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise AuditPlanError(f"cannot read the audit plan {path}: {error.strerror}") from error
        except ValidationError as error:
            places = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
                for one in error.errors(include_url=False)
            )
            raise AuditPlanError(f"{path} is no audit plan: {places}") from error

    def stratum(
        self,
        action: Action,
        scores: Mapping[str, float],
        modalities: Sequence[Modality],
        language: str | None,
    ) -> str:
        """The stratum of a verdict.

        Args:
            action: of the verdict.
            scores: probability a category; empty where nothing was scored.
            modalities: those that were scanned.
            language: of the post, as a BCP 47 tag.
        """
        scanned = _scanned(tuple(modalities))
        return "-".join((action, self._band(scores), scanned, self._tongue(language)))

    def rate(self, stratum: str) -> float:
        """The probability with which a verdict of the stratum is drawn."""
        return self.rates.get(stratum, self.default_rate)

    def _band(self, scores: Mapping[str, float]) -> str:
        if not scores:
            return "unscored"
        return f"s{bisect_right(self.score_edges, max(scores.values()))}"

    def _tongue(self, language: str | None) -> str:
        primary = primary_language(language)
        return primary if primary in self.languages or primary == UNDETERMINED else "other"


UNDETERMINED: Final = "und"
"""ISO 639 for a language that nobody told us."""


@cache
def _scanned(modalities: tuple[Modality, ...]) -> str:
    return "_".join(modality for modality in Modality if modality in modalities) or "none"


def primary_language(tag: str | None) -> str:
    """The language of a BCP 47 tag, without script and region."""
    return UNDETERMINED if tag is None else tag.split("-", 1)[0].lower()
