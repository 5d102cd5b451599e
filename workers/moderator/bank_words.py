"""What reviewers say of banks' matches, written into the banks.

The decisions come on ``review-decisions``, from its beginning at each start; a bank takes the word
of a decision once, so that every worker may write into one folder, or each into a copy of its own.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge

from rules.banks import BankError, Change, append, is_bank
from schemas import ReviewDecision
from workers.moderator.latest_messages import readable
from workers.moderator.topic_follower import Record
from workers.streams import get_logger

log = get_logger(__name__)

_Words: TypeAlias = dict[str, list[Change]]
"""By bank."""


class BankWords:
    """Writes reviewers' words; a listener to ``review-decisions``.

    Args:
        folder: holds the banks.
        registry: of the worker's metrics.
    """

    def __init__(self, folder: Path, registry: CollectorRegistry) -> None:
        self._folder = folder
        self._waiting: _Words = defaultdict(list)
        self._writing = asyncio.Lock()
        self._last_error = ""
        self._written = Counter(
            "moderation_bank_words_written_total",
            "Words of reviewers on banks' matches that this worker wrote into the banks.",
            ("bank", "word"),
            registry=registry,
        )
        Gauge(
            "moderation_bank_words_waiting",
            "Words of reviewers that could not be written into the banks yet.",
            registry=registry,
        ).set_function(lambda: sum(map(len, self._waiting.values())))

    async def hear(self, records: Sequence[Record]) -> None:
        """Note what the decisions say of matches."""
        for change in readable(records, ReviewDecision):
            if change.message is not None:
                for bank, word in words_of(change.message):
                    self._waiting[bank].append(word)

    async def at_end(self) -> None:
        """Write it: at the start all together, as a bank compares them with what it has heard."""
        await self.write()

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """A word counts wherever it stood."""

    async def follow(self, every_seconds: float) -> None:
        """Write again what could not be written, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            await self.write()

    async def write(self) -> None:
        """Write what waits; what cannot be written goes on waiting."""
        async with self._writing:
            if not self._waiting:
                return
            words, self._waiting = self._waiting, defaultdict(list)
            for bank, unwritten in (await asyncio.to_thread(self._write, words)).items():
                self._waiting[bank][:0] = unwritten

    def _write(self, words: _Words) -> _Words:
        """Write words by their banks; returns those that could not be written."""
        unwritten: _Words = {}
        for bank, said in words.items():
            if not is_bank(self._folder / bank):
                log.info("reviewers spoke of a bank that is not here", bank=bank)
                continue
            try:
                self._append(bank, said)
            except (BankError, OSError) as error:
                self._complain(bank, str(error))
                unwritten[bank] = said
        return unwritten

    def _append(self, bank: str, words: Sequence[Change]) -> None:
        for word in append(self._folder / bank, words):
            self._written.labels(bank, word.op).inc()

    def _complain(self, bank: str, reason: str) -> None:
        if reason == self._last_error:  # it is tried again until somebody mends it
            return
        self._last_error = reason
        log.error(
            "what reviewers said of a bank's matches cannot be written into it; they wait",
            bank=bank,
            reason=reason,
        )


def words_of(decision: ReviewDecision) -> Iterator[tuple[str, Change]]:
    """What a decision says of banks: the bank, and its change."""
    for word in decision.bank_words:
        yield (
            word.bank,
            Change(
                op="confirm" if word.right else "deny",
                entry=word.entry,
                by=decision.reviewer,
                decision=str(decision.decision_id),
            ),
        )
