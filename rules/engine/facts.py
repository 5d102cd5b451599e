"""What conditions can know: every fact with its type, its meaning, and how it is read.

Facts are declared to CEL one by one under dotted names, so that a misspelt one is an error when the
policy is loaded. Only those that some condition names are computed for a post.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from cel_expr_python import cel

from rules.decision import Case
from rules.matchers import Link, Match, TextScanner
from schemas import AuthorSignals, Media, Modality, NotScannedReason


class FactView:
    """A case as conditions see it; what is costly is computed once, when first asked for."""

    def __init__(self, case: Case, scanner: TextScanner) -> None:
        self.case = case
        self._scanner = scanner

    @cached_property
    def text(self) -> str:
        """The post's text, empty when it has none."""
        return self.case.post.text or ""

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links in the text, in order, with repetitions."""
        return self._scanner.links(self.text)

    @cached_property
    def matches(self) -> Mapping[str, list[Match]]:
        """What each list of the policy finds in the text, in order of place."""
        return self._scanner.matches(self.text, self.links)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a condition can name."""

    kind: Any
    """Its CEL type."""
    meaning: str
    read: Callable[[FactView], object | None]
    """``None`` means unknown: a condition that needs it fails, and its fail setting applies."""

    @property
    def type_name(self) -> str:
        """Its type as CEL writes it."""
        return str(self.kind.name()).lower()


def declare_facts(categories: Iterable[str], lists: Iterable[str]) -> dict[str, Fact]:
    """Every fact of a policy with these scored categories and these lists, by dotted name."""
    facts = dict(_FIXED)
    for reason in NotScannedReason:
        facts[f"not_scanned.{reason.value}"] = Fact(
            cel.Type.INT, f"parts not scanned: {reason.value}", _gap_counter(reason)
        )
    for category in categories:
        facts[f"scores.{category}"] = Fact(
            cel.Type.DOUBLE, f"probability of {category}", _score_reader(category)
        )
    for name in lists:
        facts[f"text.matches.{name}"] = Fact(
            cel.Type.INT, f"matches of the list {name} in the text", _match_counter(name)
        )
    return facts


def _score_reader(category: str) -> Callable[[FactView], object]:
    return lambda view: view.case.scores.get(category)


def _match_counter(name: str) -> Callable[[FactView], object]:
    return lambda view: len(view.matches[name])


def _gap_counter(reason: NotScannedReason) -> Callable[[FactView], object]:
    return lambda view: sum(part.reason is reason for part in view.case.not_scanned)


def _author(read: Callable[[AuthorSignals], int]) -> Callable[[FactView], object]:
    return lambda view: 0 if view.case.author is None else read(view.case.author)


def _mismatch_reader(pair: str) -> Callable[[FactView], object]:
    return lambda view: view.case.mismatch.get(pair)


def _words(view: FactView, modality: Modality, media: Sequence[Media]) -> str | None:
    """A line a medium; unknown where there are media and none of them was read."""
    found = [one.text for one in view.case.found_texts if one.modality is modality]
    return "\n".join(filter(None, found)) if found or not media else None


_INT: Final = cel.Type.INT
_STRING: Final = cel.Type.STRING
_BOOL: Final = cel.Type.BOOL

_FIXED: Final[Mapping[str, Fact]] = {
    "post.id": Fact(_STRING, "id of the post", lambda v: v.case.post.post_id),
    "post.author_id": Fact(_STRING, "id of the author", lambda v: v.case.post.author_id),
    "post.revision": Fact(_INT, "1 for a new post", lambda v: v.case.post.revision),
    "post.surface": Fact(_STRING, "where it was posted", lambda v: v.case.post.surface),
    "post.language": Fact(_STRING, "tag, or ''", lambda v: v.case.post.language or ""),
    "post.region": Fact(_STRING, "ISO 3166 code, or ''", lambda v: v.case.post.region or ""),
    "post.reach": Fact(_INT, "people it may reach", lambda v: v.case.post.reach),
    "post.created_at": Fact(
        cel.Type.TIMESTAMP, "when it was posted", lambda v: v.case.post.created_at
    ),
    "post.age": Fact(
        cel.Type.DURATION,
        "from posting to the decision",
        lambda v: v.case.now - v.case.post.created_at,
    ),
    "now": Fact(cel.Type.TIMESTAMP, "moment of the decision", lambda v: v.case.now),
    "author.known": Fact(
        _BOOL, "false when the ledger knows nothing", lambda v: v.case.author is not None
    ),
    "author.posts": Fact(_INT, "posts with a verdict", _author(lambda a: a.posts)),
    "author.removals": Fact(_INT, "posts removed", _author(lambda a: a.removals)),
    "author.strikes": Fact(
        _INT, "restrictions that a reviewer decided", _author(lambda a: a.strikes)
    ),
    "author.overturned": Fact(
        _INT, "machine verdicts made milder", _author(lambda a: a.overturned)
    ),
    "author.posts_last_hour": Fact(
        _INT, "posts in the last hour", _author(lambda a: a.posts_last_hour)
    ),
    "highest_score": Fact(
        cel.Type.DOUBLE, "of all categories", lambda v: max(v.case.scores.values(), default=None)
    ),
    "text.length": Fact(_INT, "characters", lambda v: len(v.text)),
    "text.links": Fact(_INT, "links in the text", lambda v: len(v.links)),
    "text.domains": Fact(
        cel.Type.List(_STRING),
        "distinct hosts linked to",
        lambda v: sorted({link.host for link in v.links}),
    ),
    "images.count": Fact(_INT, "pictures in the post", lambda v: len(v.case.post.images)),
    "audio.count": Fact(_INT, "sounds in the post", lambda v: len(v.case.post.audio)),
    "images.text": Fact(
        _STRING,
        "words read in the pictures; unknown where nobody reads them",
        lambda v: _words(v, Modality.IMAGE, v.case.post.images),
    ),
    "audio.text": Fact(
        _STRING,
        "words heard in the sounds; unknown where nobody writes them down",
        lambda v: _words(v, Modality.AUDIO, v.case.post.audio),
    ),
    "mismatch.text_image": Fact(
        cel.Type.DOUBLE,
        "probability that text and pictures do not belong together; unknown without both",
        _mismatch_reader("text_image"),
    ),
    "mismatch.text_audio": Fact(
        cel.Type.DOUBLE,
        "probability that text and sounds do not belong together; unknown without both",
        _mismatch_reader("text_audio"),
    ),
    "mismatch.image_audio": Fact(
        cel.Type.DOUBLE,
        "probability that pictures and sounds do not belong together; unknown without both",
        _mismatch_reader("image_audio"),
    ),
    "not_scanned.count": Fact(
        _INT, "parts of the post that were not scanned", lambda v: len(v.case.not_scanned)
    ),
}
