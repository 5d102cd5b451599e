"""Rows of ``moderation score``: an id, and text, a picture or a sound."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from moderation.media import (
    Blob,
    DecodedPost,
    MediaError,
    MediaLimits,
    UnreachableMediaError,
    decode_content,
    read_file,
)
from moderation.reading import Readers, with_words
from moderation.scoring import PostScores
from workers.offline.errors import RowError


class Row(BaseModel):
    """One line of the input; ``image`` and ``audio`` are paths. Other fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str | int
    text: str | None = None
    image: str | None = None
    audio: str | None = None


def read_row(raw: bytes) -> Row:
    """Parse a line.

    Raises:
        RowError: it is no such row; the message names each field.
    """
    try:
        return Row.model_validate_json(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        said = dict.fromkeys(
            f"{problem['loc'][0]}: {problem['msg']}" if problem["loc"] else problem["msg"]
            for problem in problems
        )
        raise RowError(
            f'{"; ".join(said)}; expected {{"id": ..., "text"?, "image"?, "audio"?}}'
        ) from None


def decode_row(row: Row, folder: Path, limits: MediaLimits, readers: Readers) -> DecodedPost:
    """Read and decode what a row names, and read the words in it.

    Unlike a post's object keys, the paths may lead anywhere: the file is the user's own.

    Args:
        row: the row.
        folder: what its paths are relative to.
        limits: on each medium.
        readers: of the words in pictures and sounds.
    """

    def blobs(path: str | None) -> list[Blob]:
        return [] if path is None else [_read(folder, path, limits)]

    larger = readers.decoding(limits)
    decoded = decode_content(str(row.id), row.text, blobs(row.image), blobs(row.audio), larger)
    return with_words(decoded, readers, limits)


def answer_of(row: Row, scores: PostScores) -> str:
    """The output line of a row, without its end."""
    answer = {
        "id": row.id,
        "scores": scores.scores,
        "not_scanned": [
            entry.model_dump(mode="json", exclude_none=True) for entry in scores.not_scanned
        ],
    }
    return json.dumps(answer, ensure_ascii=False)


def _read(folder: Path, path: str, limits: MediaLimits) -> Blob:
    try:
        return read_file((folder / path).resolve(), limits, name=path)
    except MediaError as error:
        return error
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no file can have
        return UnreachableMediaError(f"{path!r} is no path")
