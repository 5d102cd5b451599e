"""Why a medium could not be looked at, as one tree of exceptions.

::

    MediaError
    ├── MissingMediaError       the store holds nothing under the key
    ├── UnreachableMediaError   the host did not answer, or answered with an error
    ├── ForbiddenMediaError     the address is not allowed, or not public
    ├── HashMismatchError       the bytes are not those that the post promised
    ├── MediaTooLargeError      over a limit of bytes, pixels, seconds, channels or hertz
    ├── UnsupportedMediaError   a format that is not accepted
    └── UndecodableMediaError   broken or truncated

Each class knows its :class:`~schemas.NotScannedReason`. Messages go into verdicts, so they hold no
content of the medium and no query string of a URL.
"""

from __future__ import annotations

from typing import ClassVar

from schemas import Modality, NotScanned, NotScannedReason
from schemas.base import MAX_DETAIL_LENGTH


class MediaError(Exception):
    """A medium could not be fetched or decoded. Raise one of the subclasses."""

    reason: ClassVar[NotScannedReason]

    def not_scanned(self, modality: Modality, index: int) -> NotScanned:
        """The error as the entry of a verdict.

        Args:
            modality: of the medium.
            index: its place in the post's ``images`` or ``audio``.
        """
        detail = str(self)[:MAX_DETAIL_LENGTH]
        return NotScanned(modality=modality, index=index, reason=self.reason, detail=detail)


class MissingMediaError(MediaError):
    """The store holds nothing under the key."""

    reason = NotScannedReason.MISSING


class UnreachableMediaError(MediaError):
    """The host did not answer, or answered with an error."""

    reason = NotScannedReason.UNREACHABLE


class ForbiddenMediaError(MediaError):
    """The address is not on the allow-list, is not public, or leads out of the store."""

    reason = NotScannedReason.FORBIDDEN


class HashMismatchError(MediaError):
    """The bytes are not those that the post promised."""

    reason = NotScannedReason.HASH_MISMATCH


class MediaTooLargeError(MediaError):
    """Over a limit of :class:`~moderation.media.MediaLimits`."""

    reason = NotScannedReason.TOO_LARGE


class UnsupportedMediaError(MediaError):
    """A format that is not on the allow-list."""

    reason = NotScannedReason.UNSUPPORTED


class UndecodableMediaError(MediaError):
    """Broken or truncated."""

    reason = NotScannedReason.UNDECODABLE
