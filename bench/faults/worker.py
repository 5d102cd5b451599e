"""A worker that can be made to suffer: ``moderation worker`` with a hand at its throat.

It runs what that command runs, on the same settings. Added are only: the orders of the harness, a
scorer and a clock around the real ones, the watch on the wire, and a media store on this machine,
which the fetcher would rightly refuse.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from multiprocessing.connection import Connection
from pathlib import Path
from ssl import create_default_context
from typing import Final
from unittest.mock import patch

from pydantic import Field
from pydantic_settings import BaseSettings

from bench.faults.orders import JumpClock, MeetFate, Order, RunOutOfMemory
from bench.faults.steps import Tripwire
from bench.faults.suffering import JumpingClock, SufferingScorer
from moderation.media import HttpsFetcher
from schemas import TOPICS
from workers.moderator.app import Started, run_worker
from workers.moderator.errors import ModeratorError
from workers.moderator.rulebook import open_policy
from workers.moderator.scorers import LoadedScorer, load_scorer
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings, settings_config
from workers.streams import StreamsError, configure_logging, stop_on_signals

READY: Final = "suffering worker at"
"""What it prints when it is in the group; its address follows."""

GIVES_UP: Final = "the worker stops:"
"""What it prints before it ends for a reason that it knows."""


class HarnessSettings(BaseSettings):
    """What the harness adds to a worker's settings."""

    model_config = settings_config("MODERATION_FAULTS_")

    certificate: Path = Field(description="Of the media store, in PEM.")


class Sufferer:
    """Carries out orders on this process."""

    def __init__(self, tripwire: Tripwire) -> None:
        self.clock = JumpingClock()
        self._tripwire = tripwire
        self._scorer: SufferingScorer | None = None

    def load(self, settings: ModeratorSettings) -> LoadedScorer:
        """The settings' scorer, which can be made to fail."""
        loaded = load_scorer(settings)
        self._scorer = SufferingScorer(loaded.scorer)
        return replace(loaded, scorer=self._scorer)

    def obey(self, orders: Connection) -> None:
        """Carry out what comes, until the harness ends."""
        with suppress(EOFError, OSError):
            while True:
                order: Order = orders.recv()
                self.carry_out(order)
                print(f"ordered: {order}", flush=True)

    def carry_out(self, order: Order) -> None:
        """Suffer."""
        match order:
            case MeetFate():
                self._tripwire.arm(order.step, order.fate)
            case RunOutOfMemory():
                if self._scorer is not None:
                    self._scorer.run_out_of_memory(order.batches, order.above)
            case JumpClock():
                self.clock.jump(order.seconds)


@contextmanager
def on_this_machine(harness: HarnessSettings, clock: JumpingClock) -> Iterator[None]:
    """The local media store and the clock, for all that the worker calls."""
    fetcher = partial(
        HttpsFetcher,
        ssl_context=create_default_context(cafile=str(harness.certificate)),
        is_address_allowed=is_local,
    )
    with ExitStack() as stack:
        stack.enter_context(patch("workers.moderator.media.HttpsFetcher", fetcher))
        stack.enter_context(patch("time.time", clock.time))
        yield


def is_local(address: IPv4Address | IPv6Address) -> bool:
    """The opposite of what production asks of an address."""
    return address.is_loopback


def main(orders: Connection) -> int:
    """Work until told to stop; returns the exit code, as ``moderation worker`` does."""
    settings, kafka, harness = ModeratorSettings(), KafkaSettings(), HarnessSettings()
    configure_logging("worker", level=settings.log_level)
    answers = (TOPICS.verdicts, TOPICS.escalations, TOPICS.dead_letter)
    tripwire = Tripwire(frozenset(map(kafka.topic, answers)))
    sufferer = Sufferer(tripwire)
    threading.Thread(target=sufferer.obey, args=(orders,), name="orders", daemon=True).start()
    with tripwire.watching(), on_this_machine(harness, sufferer.clock):
        try:
            asyncio.run(_work(settings, kafka, sufferer))
        except (ModeratorError, StreamsError) as error:
            print(f"{GIVES_UP} {error}", flush=True)
            return 1
    return 0


async def _work(settings: ModeratorSettings, kafka: KafkaSettings, sufferer: Sufferer) -> None:
    with stop_on_signals() as stop:
        await run_worker(
            settings,
            kafka,
            load=partial(sufferer.load, settings),
            policy=open_policy(settings.policy),
            stop=stop,
            on_started=_announce,
            clock=sufferer.clock.now,
        )


def _announce(started: Started) -> None:
    print(f"{READY} {started.url}", flush=True)
