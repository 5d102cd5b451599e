"""Decoding where it can be stopped: child processes with a limit of memory, and a clock beside.

A task that takes too long ends with its child, which is replaced; a child that crashes is replaced
as well. Either way the medium is answered with a reason. Children keep running from task to task,
so a task costs a copy through two pipes: about a millisecond.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from queue import LifoQueue
from typing import Any, Final

import numpy as np

from moderation.media.audio import DecodedAudio, RawAudio, resampled
from moderation.media.decoding_process import DecodingProcess, Stopped
from moderation.media.errors import (
    MediaError,
    MediaTooLargeError,
    UndecodableMediaError,
    UnsupportedMediaError,
)
from moderation.media.images import DecodedImage
from moderation.media.limits import MediaLimits

log = logging.getLogger(__name__)

_REFUSALS: Final[dict[str, type[MediaError]]] = {
    kind.reason: kind for kind in (MediaTooLargeError, UndecodableMediaError, UnsupportedMediaError)
}


class DecodingPool:
    """Children that decode, one task each at a time. Threads may share it. Close it at the end.

    Args:
        children: that run at the same time; more callers than that wait for one.
        memory_bytes: that a task may take.
        on_stopped: told why, each time a child ended over a medium.
    """

    def __init__(
        self,
        children: int,
        *,
        memory_bytes: int,
        on_stopped: Callable[[Stopped], object] = lambda _: None,
    ) -> None:
        self._memory_bytes = memory_bytes
        self._on_stopped = on_stopped
        self._lock = threading.Lock()
        self._children = {DecodingProcess(memory_bytes) for _ in range(children)}
        self._idle: LifoQueue[DecodingProcess] = LifoQueue()
        self._is_closed = False
        for child in self._children:
            self._idle.put(child)

    def image(self, raw: bytes, limits: MediaLimits, seconds: float) -> DecodedImage:
        """:func:`~moderation.media.decode_image` in a child, within ``seconds`` of the clock.

        Raises:
            MediaError: as there; :class:`MediaTooLargeError` also where it took too much time or
                memory, :class:`UndecodableMediaError` where the child crashed.
        """
        about, body = self._ask("image", raw, limits, seconds)
        with _distrust():
            height, width = int(about["height"]), int(about["width"])
            if not (0 < height <= limits.kept_side_px and 0 < width <= limits.kept_side_px):
                raise ValueError("no picture of the size asked for")
            pixels = np.frombuffer(body, np.uint8).reshape(height, width, 3)
            return DecodedImage(pixels, is_animated=bool(about["is_animated"]))

    def audio(self, raw: bytes, limits: MediaLimits, seconds: float) -> DecodedAudio:
        """:func:`~moderation.media.decode_audio` in a child, as :meth:`image`."""
        about, body = self._ask("audio", raw, limits, seconds)
        with _distrust():
            samples, rate = np.frombuffer(body, np.float32), int(about["rate_hz"])
            if not (
                limits.min_sample_rate_hz <= rate <= limits.max_sample_rate_hz
                and 0 < len(samples) <= limits.kept_seconds * rate
                and np.isfinite(samples).all()
            ):
                raise ValueError("no sound within the limits")
            sound = RawAudio(samples, rate, float(about["seconds"]), bool(about["is_cut"]))
        return resampled(sound)

    def close(self) -> None:
        """End all children, working or not; a task that is under way is answered as crashed."""
        with self._lock:
            self._is_closed = True
            children = set(self._children)
        for child in children:
            child.kill()

    def _ask(
        self, modality: str, raw: bytes, limits: MediaLimits, seconds: float
    ) -> tuple[dict[str, Any], bytearray]:
        child = self._idle.get()
        try:
            if not child.is_ready():
                child = self._replaced(child)
                if not child.is_ready():
                    log.error("a child for decoding does not start")
                    raise UndecodableMediaError("the decoder does not start; tell the operator")
            task = {"modality": modality, "limits": asdict(limits), "seconds": seconds}
            answer = child.ask(task, raw, seconds, most=_most_bytes(limits))
            if isinstance(answer, str):
                child = self._replaced(child)
        finally:
            self._idle.put(child)
        if isinstance(answer, str):
            self._on_stopped(answer)
            log.warning("decoding was stopped", extra={"why": answer, "bytes": len(raw)})
            raise _STOPPED[answer](seconds)
        about, body = answer
        if "error" in about:
            kind = _REFUSALS.get(str(about["error"]), UndecodableMediaError)
            raise kind(str(about.get("message")))
        return about, body

    def _replaced(self, child: DecodingProcess) -> DecodingProcess:
        child.kill()
        with self._lock:
            if self._is_closed:
                return child
            self._children.remove(child)
            child = DecodingProcess(self._memory_bytes)
            self._children.add(child)
        return child


def _most_bytes(limits: MediaLimits) -> int:
    """Of an answer's body."""
    picture = 3 * limits.kept_side_px**2
    sound = np.float32().nbytes * int(limits.kept_seconds * limits.max_sample_rate_hz)
    return max(picture, sound)


_STOPPED: Final[dict[Stopped, Callable[[float], MediaError]]] = {
    "time": lambda seconds: MediaTooLargeError(
        f"decoding was stopped after {seconds:.3g} s; send a simpler file"
    ),
    "memory": lambda _: MediaTooLargeError(
        "decoding took more memory than a file may; send a simpler one"
    ),
    "crash": lambda _: UndecodableMediaError("the file crashed its decoder; save it anew"),
}


@contextmanager
def _distrust() -> Iterator[None]:
    """A child that answers nonsense was taken over, or is broken."""
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        log.exception("a child for decoding answered nonsense")
        raise _STOPPED["crash"](0) from error
