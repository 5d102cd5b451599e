"""Words inside pictures and sounds, read so that they join the text path."""

from moderation.reading.choose import find_picture_reader
from moderation.reading.errors import ReaderUnavailableError, ReadingError
from moderation.reading.port import PictureReader, Transcriber
from moderation.reading.rapid import RapidReader
from moderation.reading.stage import Readers, with_words
from moderation.reading.tesseract import TesseractReader

__all__ = [
    "PictureReader",
    "RapidReader",
    "ReaderUnavailableError",
    "Readers",
    "ReadingError",
    "TesseractReader",
    "Transcriber",
    "find_picture_reader",
    "with_words",
]
