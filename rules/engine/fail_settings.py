"""What happens when a part of a post was not scanned."""

from __future__ import annotations

from rules.engine.document import FailSettings
from schemas import Action, NotScanned


def action_when_not_scanned(part: NotScanned, settings: FailSettings) -> Action:
    """The policy's action for the part.

    The most specific override wins: reason and modality, then reason, then modality, then the
    default. The loader refuses two that are equally specific for one part.
    """
    for modality, reason in (
        (part.modality, part.reason),
        (None, part.reason),
        (part.modality, None),
    ):
        for override in settings.overrides:
            if override.modality is modality and override.reason is reason:
                return override.action
    return settings.default
