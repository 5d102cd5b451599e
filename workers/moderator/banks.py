"""The banks of known content, as the worker asks them and keeps them up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from rules import BankMatch
from rules.banks import BankError, BankKind, BankSet
from rules.banks import BankMatch as Found
from schemas import Modality, NotScanned, Post
from workers.moderator.bank_metrics import BankMetrics
from workers.moderator.errors import StartError
from workers.moderator.fingerprints import Fingerprints, unmatched

log = logging.getLogger(__name__)

KINDS: Final = frozenset(BankKind) - {BankKind.EMBEDDING}
"""What the worker can look up. The classifier's scores come without its vectors, so a bank of
vectors would never match: it is refused at the start instead."""


@dataclass(frozen=True, slots=True)
class BankFindings:
    """What the banks said of one post."""

    matches: Mapping[str, Sequence[BankMatch]] = field(default_factory=dict)
    """By bank: of each part of the post that it knew the nearest entry. Banks that knew nothing
    are there too, empty; where the look-up failed there is none."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the banks that were asked."""
    not_scanned: tuple[NotScanned, ...] = ()
    """What could not be looked up."""


class WorkerBanks:
    """Looks posts up, and follows the folder. Threads may share it.

    Args:
        folder: holds the banks.
        registry: of the worker's metrics.

    Raises:
        StartError: a bank cannot be loaded, or is of a kind that the worker cannot look up.
    """

    def __init__(self, folder: Path, registry: CollectorRegistry) -> None:
        try:
            self._banks = BankSet(folder, kinds=KINDS)
        except (BankError, OSError) as error:
            raise StartError(
                f"the banks in {folder} cannot be loaded: {error}. Mend them (`moderation banks "
                "stats` reads them the same way), or empty MODERATION_WORKER_BANKS"
            ) from error
        self._folder = folder
        self._metrics = BankMetrics(registry, self._banks.stats)
        self._last_error = ""
        log.info("banks loaded", extra={"folder": str(folder), "banks": ", ".join(self.names)})

    @property
    def names(self) -> Sequence[str]:
        """Of the banks in force."""
        return sorted(self._banks.kinds)

    @property
    def kinds(self) -> frozenset[BankKind]:
        """What has to be fingerprinted."""
        return frozenset(self._banks.kinds.values())

    def look_up(self, posts: Sequence[Post], prints: Sequence[Fingerprints]) -> list[BankFindings]:
        """What the banks say of posts, in their order. A look-up that fails is among its words."""
        try:
            found = self._banks.look_up([one.query for one in prints])
        except Exception as error:  # whatever it was, no post may pass as unknown because of it
            if len(posts) > 1:
                halves = slice(len(posts) // 2), slice(len(posts) // 2, None)
                return [one for half in halves for one in self.look_up(posts[half], prints[half])]
            log.exception("a post could not be looked up in the banks")
            self._metrics.lookup_failures.inc()
            return [BankFindings(not_scanned=_missed(posts[0], self.kinds, error))]
        findings = []
        for matches, one in zip(found.matches, prints, strict=True):
            nearest = _nearest(matches)
            for match in nearest:
                self._metrics.matches.labels(match.bank, match.action).inc()
            by_bank = {
                bank: [match for match in nearest if match.bank == bank] for bank in found.versions
            }
            findings.append(BankFindings(by_bank, found.versions, one.failed))
        return findings

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
                    extra={"folder": str(self._folder), "reason": str(error)},
                )
            self._last_error = str(error)
            return
        self._metrics.up_to_date(same=True)
        self._last_error = ""
        log.info("banks loaded anew", extra={"banks": ", ".join(self.names)})


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
            modality=Modality(match.modality),
            index=match.index,
            distance=int(match.distance),
            action=match.action,
            entry=match.entry,
            quarantined=match.quarantined,
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
        if modality.value in parts
        for index in range(count)
    )
