"""Tesseract, as a program of its own: it may crash or hang, and only its answer is lost."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from functools import cached_property
from typing import Final

from PIL import Image

from moderation.media import Pixels
from moderation.reading.errors import ReaderUnavailableError, ReadingError

LANGUAGES: Final = "eng+chi_sim"
ONE_BLOCK: Final = "6"
"""Page segmentation mode. Of 3, 6, 11 and 12 it made the fewest errors in ``bench/ocr.py``."""

MAX_SECONDS: Final = 20.0
"""A picture of a million pixels takes one or two."""


class TesseractReader:
    """Reads with the installed ``tesseract`` (Debian: tesseract-ocr, tesseract-ocr-chi-sim).

    Args:
        languages: its trained data, joined by ``+``.

    Raises:
        ReaderUnavailableError: there is no such program, or it lacks a language.
    """

    def __init__(self, languages: str = LANGUAGES) -> None:
        program = shutil.which("tesseract")
        if program is None:
            raise ReaderUnavailableError(
                "the program tesseract is not installed; Debian has it as tesseract-ocr"
            )
        self._program = program
        self._languages = languages
        missing = set(languages.split("+")) - set(self._run("--list-langs").split())
        if missing:
            raise ReaderUnavailableError(
                f"tesseract has no data for {', '.join(sorted(missing))}; Debian has them as "
                "tesseract-ocr-LANGUAGE"
            )

    @cached_property
    def name(self) -> str:
        """Program and version."""
        return self._run("--version").splitlines()[0]

    def read(self, pixels: Pixels) -> str:
        """The text in a picture.

        Args:
            pixels: uint8, RGB, shape = (height, width, 3).

        Raises:
            ReadingError: it failed, or took over :data:`MAX_SECONDS`.
        """
        picture = io.BytesIO()
        Image.fromarray(pixels).save(picture, "PPM")
        options = ("-l", self._languages, "--psm", ONE_BLOCK)
        text = self._run("stdin", "stdout", *options, given=picture.getvalue())
        return "\n".join(line for line in text.splitlines() if line.strip())

    def _run(self, *arguments: str, given: bytes = b"") -> str:
        try:
            done = subprocess.run(  # noqa: S603 - the arguments are ours, the picture is on stdin
                [self._program, *arguments],
                input=given,
                capture_output=True,
                check=True,
                timeout=MAX_SECONDS,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired:
            raise ReadingError(f"tesseract took over {MAX_SECONDS:g} s and was stopped") from None
        except subprocess.CalledProcessError as error:
            raise ReadingError(f"tesseract failed with code {error.returncode}") from error
        return done.stdout.decode(errors="replace")
