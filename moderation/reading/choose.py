"""Which reader of pictures there is."""

from __future__ import annotations

from moderation.reading.port import PictureReader
from moderation.reading.rapid import RapidReader


def find_picture_reader() -> PictureReader:
    """The reader that came out best (``docs/decisions``): RapidOCR, from the extra ``ocr``.

    Raises:
        ReaderUnavailableError: it is not installed; the message says how to get it.
    """
    return RapidReader()
