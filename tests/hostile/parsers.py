"""Every parser of our own, as a function of bytes that may refuse them but never fail otherwise.

What is parsed by libraries (JSON, pixels, sound) is tried whole in ``cases.py``; these are the
parts that read what strangers send in Python of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from moderation.media import MediaError
from moderation.media.headers import image_format, image_size
from moderation.media.pieces import png_chunks, riff_chunks
from rules import PolicyError
from rules.banks.errors import BankError
from rules.banks.rows import parse_row
from rules.banks.settings import BankKind
from rules.engine.located_yaml import read_yaml
from rules.engine.source import SourceFile
from rules.matchers.hosts import canonical_host, registrable
from rules.matchers.links import LinkFinder
from tests.hostile.files import pictures
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.records import RETRY_HEADER, read_post, read_retry
from workers.streams.progress import Progress


class UnexplainedError(Exception):
    """A refusal that says nothing."""


@dataclass(frozen=True)
class Parser:
    """A way to read bytes.

    Attributes:
        read: raises nothing but what it may.
        refusals: how it says no; each has to say why.
        seeds: what it can read, to begin with.
    """

    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    seeds: Sequence[bytes] = field(default=(b"",), repr=False)

    def try_on(self, raw: bytes) -> bool:
        """Whether it accepts the bytes.

        Raises:
            UnexplainedError: it refuses them without a word.
        """
        try:
            self.read(raw)
        except self.refusals as refusal:
            if not str(refusal).strip():
                raise UnexplainedError(type(refusal).__name__) from refusal
            return False
        return True


POST = {
    "post_id": "p-1",
    "author_id": "a-1",
    "created_at": "2026-03-01T12:00:00Z",
    "text": "Good morning!",
    "images": [{"data": "iVBORw0KGgo=", "media_type": "image/png"}],
}
POLICY = b"""policy: small
categories:
  spam: {limit: 0.60, review: 0.75, remove: 0.95}
rules:
  - id: links
    when: >-
      text.links >= 3 && scores.spam > 0.2
    then: {shift: {spam: 1.5}}
"""
LINKS = "see https://user@ex\u00e4mple.com:80/a?b#c, www.example.co.uk and hxxp://1.2.3[.]4 \u3002"


def parsers() -> Mapping[str, Parser]:
    """All of them, by name."""
    files = tuple(pictures().values())
    return {
        "post": Parser(read_post, (UnreadableRecordError,), [json.dumps(POST).encode()]),
        "retry": Parser(lambda raw: read_retry([(RETRY_HEADER, raw)]), (), [b'{"attempt": 1}']),
        "commit": Parser(
            lambda raw: Progress.from_metadata(7, raw.decode("latin-1")),
            (),
            [Progress(7, (9, 12)).to_metadata().encode()],
        ),
        "picture": Parser(lambda raw: image_size(raw, image_format(raw)), (MediaError,), files),
        "png": Parser(lambda raw: list(png_chunks(raw)), (MediaError,), files),
        "riff": Parser(lambda raw: list(riff_chunks(raw)), (MediaError,), files),
        "links": Parser(_links, (), [LINKS.encode()]),
        "policy": Parser(_yaml, (PolicyError,), [POLICY]),
        "row": Parser(_row, (BankError,), [b"0000803f" * 8]),
    }


def _links(raw: bytes) -> None:
    for link in _finder().find(raw.decode("utf-8", "replace")):
        registrable(canonical_host(link.host))


@cache
def _finder() -> LinkFinder:
    return LinkFinder()


def _yaml(raw: bytes) -> None:
    read_yaml(SourceFile(Path("policy.yaml"), "policy.yaml", raw))


def _row(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    for kind in (BankKind.PDQ, BankKind.EMBEDDING):
        parse_row(kind, text)
