"""Who reads the words in pictures and sounds, by the settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workers.moderator.errors import StartError
from workers.picture_reading import PictureReading

if TYPE_CHECKING:
    from moderation.reading import PictureReader, Readers, Transcriber


def load_readers(read_pictures: PictureReading, transcriber: Path | None, device: str) -> Readers:
    """The readers. Blocks for seconds: call it in a thread.

    Args:
        read_pictures: whether text in pictures is read.
        transcriber: folder of a Whisper model; sounds are not transcribed without one.
        device: where that model computes: ``cpu``, ``cuda``, ``cuda:N``, or ``auto``.

    Raises:
        StartError: a reader was asked for and cannot be had; the message says why.
    """
    from moderation.reading import Readers

    return Readers(
        picture=_picture_reader(read_pictures),
        transcriber=None if transcriber is None else _transcriber(transcriber, device),
    )


def describe(readers: Readers) -> dict[str, str]:
    """Each reader's name, or ``none``, by what it reads."""
    return {
        "pictures": "none" if readers.picture is None else readers.picture.name,
        "sounds": "none" if readers.transcriber is None else readers.transcriber.name,
    }


def reading_sentence(readers: Mapping[str, str]) -> str:
    """What becomes of words in pictures and sounds, by :func:`describe`."""
    return "; ".join(
        f"not read in {medium}" if reader == "none" else f"read in {medium} by {reader}"
        for medium, reader in readers.items()
    )


def _picture_reader(wanted: PictureReading) -> PictureReader | None:
    from moderation.reading import ReaderUnavailableError, find_picture_reader

    if wanted is PictureReading.OFF:
        return None
    try:
        return find_picture_reader()
    except ReaderUnavailableError as error:
        if wanted is PictureReading.AUTO:
            return None
        raise StartError(
            f"text in pictures cannot be read: {error}; or set MODERATION_WORKER_READ_PICTURES=off"
        ) from error


def _transcriber(folder: Path, device: str) -> Transcriber:
    from moderation.inference import DeviceError, choose_device
    from moderation.reading import ReaderUnavailableError
    from moderation.reading.whisper import WhisperTranscriber

    try:
        return WhisperTranscriber(folder, choose_device(device))
    except (ReaderUnavailableError, DeviceError) as error:
        raise StartError(
            f"sounds cannot be transcribed: {error}. MODERATION_WORKER_TRANSCRIBER names the folder"
        ) from error
