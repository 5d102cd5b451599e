"""The child process that decodes what may hang, explode or crash: ``python -m ... BYTES``.

It reads a task from standard input, answers on standard output, and has next to nothing else: no
environment, no files to write, no more memory than it was told. What it answers is not believed by
the parent (:mod:`moderation.media.isolation`) either.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, WebPImagePlugin

from moderation.media.audio import read_audio
from moderation.media.errors import MediaError
from moderation.media.images import decode_image
from moderation.media.limits import MediaLimits
from moderation.media.wire import HEADER, MEMORY, READY, send

_MAX_FILES: Final = 32
"""Descriptors: the two pipes, and what lazy imports open for a moment."""


def main() -> None:
    """Answer tasks until standard input ends, or one takes too much memory."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    Image.preinit()
    WebPImagePlugin.WebPImageFile  # noqa: B018 - imported so that no task pays for it
    _limit(int(sys.argv[1]))
    answers.write(READY)
    answers.flush()
    while header := tasks.read(HEADER.size):
        about_length, body_length = HEADER.unpack(header)
        about = json.loads(tasks.read(about_length))
        answer, body = _answer(about, tasks.read(body_length))
        send(answers, answer, body)
        if answer.get("error") == MEMORY:
            return


def _limit(memory_bytes: int) -> None:
    """Memory beyond what the loaded modules take; nothing written, nothing dumped."""
    limits = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_FILES,
    }
    # Elsewhere than on Linux nobody tells what is in use, nor is a limit of addresses kept.
    statm = Path("/proc/self/statm")
    if statm.exists():
        loaded = int(statm.read_text().split()[0]) * resource.getpagesize()
        limits[resource.RLIMIT_AS] = loaded + memory_bytes
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def _answer(about: dict[str, Any], raw: bytes) -> tuple[dict[str, Any], bytes | memoryview]:
    _limit_cpu(about["seconds"])
    limits = MediaLimits(**about["limits"])
    try:
        if about["modality"] == "image":
            picture = decode_image(raw, limits)
            height, width, _ = picture.pixels.shape
            said = {"height": height, "width": width, "is_animated": picture.is_animated}
            return said, _bytes(picture.pixels)
        sound = read_audio(raw, limits)
        said = {"rate_hz": sound.rate_hz, "seconds": sound.seconds, "is_cut": sound.is_cut}
        return said, _bytes(sound.samples)
    except MemoryError:
        return {"error": MEMORY}, b""
    except MediaError as error:
        if isinstance(error.__cause__, MemoryError):
            return {"error": MEMORY}, b""
        return {"error": error.reason, "message": str(error)}, b""


def _limit_cpu(seconds: float) -> None:
    # The parent watches the clock. Should it die meanwhile, this ends the child all the same.
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data.cast("B")


if __name__ == "__main__":
    main()
