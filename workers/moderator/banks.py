"""The banks of known content, as the worker asks them and keeps them up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from rules import BankMatch
from rules.banks import BankError, BankKind, BankSet, LookUp
from rules.banks import BankMatch as Found
from schemas import BankPart, Modality, NotScanned, Post
from workers.moderator.bank_metrics import BankMetrics
from workers.moderator.errors import StartError
from workers.moderator.fingerprints import Fingerprints, unmatched
from workers.streams import get_logger

log = get_logger(__name__)

Vectors: TypeAlias = NDArray[np.float32] | None
"""Of one post, shape = (views, width); ``None`` where nobody took them."""


@dataclass(frozen=True, slots=True)
class BankFindings:
    """What the banks said of one post."""

    matches: Mapping[str, Sequence[BankMatch]] = field(default_factory=dict)
    """By bank: of each part of the post that it knew the nearest entry. Banks that knew nothing
    are there too, empty; where the look-up failed there is none, and none that came while the post
    was under way: it was prepared for the banks before."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the banks that were asked."""
    not_scanned: tuple[NotScanned, ...] = ()
    """What could not be looked up."""


class WorkerBanks:
    """Looks posts up, and follows the folder. Threads may share it.

    Args:
        folder: holds the banks.
        registry: of the worker's metrics.
        encoder: version of the model that gives posts' vectors; ``None`` where none does.

    Raises:
        StartError: a bank cannot be loaded, or holds vectors of another model.
    """

    def __init__(
        self, folder: Path, registry: CollectorRegistry, *, encoder: str | None = None
    ) -> None:
        try:
            self._banks = BankSet(folder, encoder=encoder)
        except (BankError, OSError) as error:
            raise StartError(
                f"the banks in {folder} cannot be loaded: {error}. Mend them (`moderation banks "
                "stats` tells what they are), or empty MODERATION_WORKER_BANKS"
            ) from error
        self._folder = folder
        self._metrics = BankMetrics(registry, self._banks.stats)
        self._last_error = ""
        log.info("banks loaded", folder=str(folder), banks=", ".join(self.names))

    @property
    def names(self) -> Sequence[str]:
        """Of the banks in force."""
        return sorted(self._banks.kinds)

    @property
    def by_name(self) -> Mapping[str, BankKind]:
        """The kinds of the banks in force."""
        return self._banks.kinds

    @property
    def kinds(self) -> frozenset[BankKind]:
        """What has to be fingerprinted; vectors are the classifier's to give."""
        return frozenset(self._banks.kinds.values())

    @property
    def want_vectors(self) -> bool:
        """Whether a bank can be asked about the classifier's vectors."""
        return BankKind.EMBEDDING in self.kinds

    def look_up(
        self,
        posts: Sequence[Post],
        prints: Sequence[Fingerprints],
        vectors: Sequence[Vectors] | None = None,
    ) -> list[BankFindings]:
        """What the banks say of posts, in their order. A look-up that fails is among its words.

        Args:
            posts: the posts.
            prints: their fingerprints.
            vectors: of the posts, where the classifier gave them.
        """
        asked = [
            replace(one, query=replace(one.query, embeddings=seen))
            for one, seen in zip(prints, vectors or [None] * len(posts), strict=True)
        ]
        return self._look_up(posts, asked)

    def _look_up(self, posts: Sequence[Post], asked: Sequence[Fingerprints]) -> list[BankFindings]:
        try:
            found = self._banks.look_up([one.query for one in asked])
        except Exception as error:  # whatever it was, no post may pass as unknown because of it
            if len(posts) > 1:
                halves = slice(len(posts) // 2), slice(len(posts) // 2, None)
                return [one for half in halves for one in self._look_up(posts[half], asked[half])]
            log.exception("a post could not be looked up in the banks")
            self._metrics.lookup_failures.inc()
            return [BankFindings(not_scanned=_missed(posts[0], self.kinds, error))]
        return [
            self._findings(found, matches, one)
            for matches, one in zip(found.matches, asked, strict=True)
        ]

    def _findings(
        self, found: LookUp, matches: Sequence[Found], asked: Fingerprints
    ) -> BankFindings:
        nearest = _nearest(matches)
        for match in nearest:
            self._metrics.matches.labels(match.bank, match.action).inc()
        versions = {
            bank: version
            for bank, version in found.versions.items()
            if found.kinds[bank] in asked.looked_for
        }
        by_bank = {bank: [match for match in nearest if match.bank == bank] for bank in versions}
        return BankFindings(by_bank, versions, asked.failed)

    async def follow(self, every_seconds: float) -> None:
        """Load the banks anew whenever their files have changed, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Load the banks anew if their files have changed; on a failure the old ones stay."""
        try:
            same = not self._banks.changed()
            self._metrics.up_to_date(same=same)
            if same:
                return
            self._banks.reload()
        except (BankError, OSError) as error:
            self._metrics.up_to_date(same=False)
            self._metrics.reload_failures.inc()
            if str(error) != self._last_error:  # it is tried again until somebody mends the files
                log.error(  # noqa: TRY400 - the error says where and why; a stack adds nothing
                    "the changed banks cannot be loaded; those before stay in force",
                    folder=str(self._folder),
                    reason=str(error),
                )
            self._last_error = str(error)
            return
        self._metrics.up_to_date(same=True)
        self._metrics.reloads.inc()
        self._last_error = ""
        log.info("banks loaded anew", banks=", ".join(self.names))


def _nearest(matches: Sequence[Found]) -> list[BankMatch]:
    """Of each bank and part of the post one match: the strongest, and of those the nearest."""
    best: dict[tuple[str, str, int], Found] = {}
    for match in matches:  # the strongest first
        key = (match.bank, match.modality, match.index)
        known = best.get(key)
        if known is None or (match.action is known.action and match.distance < known.distance):
            best[key] = match
    return [
        BankMatch(
            bank=match.bank,
            modality=BankPart(match.modality),
            index=match.index,
            distance=match.distance,
            action=match.action,
            entry=match.entry,
            quarantined=match.quarantined,
            doubted=match.doubted,
        )
        for match in best.values()
    ]


def _missed(post: Post, kinds: frozenset[BankKind], error: Exception) -> tuple[NotScanned, ...]:
    """Each piece of the post that a bank should have been asked about."""
    parts = {kind.part for kind in kinds}
    pieces = {
        Modality.TEXT: 1 if post.text else 0,
        Modality.IMAGE: len(post.images),
        Modality.AUDIO: len(post.audio),
    }
    why = f"the banks could not be asked: {type(error).__name__}"
    return tuple(
        unmatched(modality, index, why)
        for modality, count in pieces.items()
        if {modality.value, "post"} & parts
        for index in range(count)
    )
