"""A run: faults one after the other while posts come and go, then the reckoning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from bench.faults.background import Background
from bench.faults.broker import FragileBroker
from bench.faults.check import Breach, Finding, check, match
from bench.faults.field import Field
from bench.faults.fleet import Fleet
from bench.faults.history import read_behind, read_history
from bench.faults.injections import INJECTIONS
from bench.faults.journal import Journal
from bench.faults.plan import Fault
from bench.faults.policies import Policies
from bench.faults.roll_outs import wait_for_policy
from bench.faults.scenario import WORKERS, Scenario
from bench.faults.store import HOST, Store, media_store
from bench.faults.traffic import Traffic
from bench.faults.waiting import StalledError
from bench.faults.watch import Watch
from workers.settings import KafkaSettings
from workers.streams import create_topics

GROUP: Final = "moderator"
"""The consumer group, as workers call it by default."""

READING_SECONDS: Final = 600.0
"""For reading all topics to their ends."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a scenario came to."""

    faults: int
    posts: int
    answered: int
    findings: tuple[Finding, ...]
    complaints: tuple[str, ...]
    """What went wrong besides the topics: work that stood still, workers that did not stop."""

    def count(self, *breaches: Breach) -> int:
        """Findings of these kinds."""
        return sum(finding.breach in breaches for finding in self.findings)


def run_scenario(
    scenario: Scenario,
    faults: Sequence[Fault],
    *,
    broker: FragileBroker,
    folder: Path,
    journal: Journal,
    background: Background,
) -> Reckoning:
    """Inject the faults, let work come to an end, and check the topics.

    Args:
        scenario: kind of the workers.
        faults: in their order.
        broker: runs.
        folder: for logs.
        journal: is told what happens.
        background: for what goes on meanwhile.
    """
    with _field(scenario, broker, folder, journal, background) as (field, kafka):
        injected, complaints = _inject_all(field, faults)
        background.call(field.traffic.finish())
        complaints += _finish(field)
        complaints += field.fleet.crashes
        complaints += background.call(read_behind(kafka, GROUP))
        accepted = field.traffic.acknowledged
        history = background.call(
            read_history(kafka, broker.records_dir, accepted, field.policies),
            seconds=READING_SECONDS,
        )
        findings = tuple(check(history, scenario.delivery))
        journal.note(
            f"{scenario.name}: {len(history.accepted)} posts, {len(history.verdicts)} verdicts, "
            f"{len(history.dead_letters)} dead letters, {len(history.escalations)} escalations; "
            f"{len(history.transactions.aborted)} records of aborted transactions; "
            f"{field.fleet.gave_up} workers gave up, {len(field.fleet.crashes)} crashed; "
            f"{len(findings) + len(complaints)} findings",
            unknown_sends=field.traffic.unknown,
        )
    return Reckoning(
        faults=injected,
        posts=len(history.accepted),
        answered=sum(bool(answers.places) for answers in match(history).values()),
        findings=findings,
        complaints=tuple(complaints),
    )


def _inject_all(field: Field, faults: Sequence[Fault]) -> tuple[int, list[str]]:
    """The faults that were injected, and why not all were."""
    injected = 0
    try:
        field.fleet.tend()
        field.fleet.wait_ready()
        field.wait_for_progress()
        for number, fault in enumerate(faults, start=1):
            field.journal.note(f"{number}/{len(faults)} {fault}", fault=fault.kind, seed=fault.seed)
            injected, zombies = number, list(field.zombies)
            struck = INJECTIONS[fault.kind](field, fault)
            field.wake(zombies)
            seconds = field.wait_for_progress()
            field.journal.note(f"    {struck}; answers on every partition after {seconds:.1f} s")
    except StalledError as stalled:
        field.journal.note(f"    {stalled}")
        return injected, [str(stalled)]
    return injected, []


def _finish(field: Field) -> list[str]:
    """Let every post be answered, then stop the workers; returns what did not work."""
    complaints = []
    try:
        field.wake(list(field.zombies))
        field.wait_for_answers(list(field.traffic.acknowledged))
        # A worker that is still starting would end by the signal itself.
        field.fleet.wait_ready()
        wait_for_policy(field, field.policies.last)
    except StalledError as stalled:
        complaints.append(str(stalled))
    field.fleet.stop_all()
    return complaints


@contextmanager
def _field(
    scenario: Scenario,
    broker: FragileBroker,
    folder: Path,
    journal: Journal,
    background: Background,
) -> Iterator[tuple[Field, KafkaSettings]]:
    kafka = KafkaSettings(
        bootstrap_servers=broker.bootstrap_servers,
        topic_prefix=f"{scenario.name}-{uuid4().hex[:8]}.",
    )
    folder.mkdir(parents=True)
    background.call(create_topics(kafka))
    outside = AsyncExitStack()
    store: Store = background.call(outside.enter_async_context(media_store(folder)))
    traffic, watch = Traffic(kafka, store.url), Watch(kafka)
    policies = Policies(folder)
    background.call(policies.publish(kafka))
    environment = {
        **scenario.environment(f"{HOST}:{store.port}", store.certificate, policies.file, folder),
        "MODERATION_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MODERATION_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
    }
    fleet = Fleet(environment, folder, wanted=WORKERS, tell=journal.note)
    try:
        background.start(traffic.run())
        background.start(watch.run())
        yield (
            Field(
                fleet,
                broker,
                store,
                traffic,
                watch,
                background,
                journal,
                policies,
                kafka,
                scenario.delivery,
            ),
            kafka,
        )
    finally:
        fleet.kill_all()
        background.call(outside.aclose())
