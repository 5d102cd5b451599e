"""How long posts wait while the policy changes: ``python -m bench.reload``.

Posts come at a steady rate to the stage that judges them in a worker, one by one, whether or not
the ones before are answered. First nothing else happens; then policies of 1,000 rules take turns,
each loaded, put to its test, compiled and swapped as in a worker. The wait of a post is the wall
time from the moment at which it is due to its verdict. A machine that is busy with other things
says more; the quiet part tells how much of it is the machine's own, and the CPU time that this
process spent while a post waited is what the wait comes to where nothing else runs. Every verdict
must be of one policy: its version, its label and all of its rules. The last line is one JSON object
of all figures.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from bench.made import make_cases, policy_of
from bench.telling import tell
from moderation.scoring import PostScores
from rules import Case, Policy, load_tested
from rules.banks import BankQuery
from schemas import Verdict
from workers.audit_plan import AuditPlan
from workers.moderator.fingerprints import Fingerprints
from workers.moderator.garbage import keep_what_is_loaded
from workers.moderator.records import Arrival, Record
from workers.moderator.rulebook import PolicyMetrics, Reloader, Rulebook, edition_of
from workers.moderator.rules_stage import RulesStage, unknown

RULES: Final = 1_000
POSTS_PER_SECOND: Final = 200
"""A CPU worker judges about that many; a GPU worker's posts come in groups instead."""
POSTS: Final = 200
"""Made posts, again and again."""
QUIET_SECONDS: Final = 5.0
RELOADS: Final = 5
LIMIT_MS: Final = 50.0
"""Longest wait of a post that is accepted."""
NAMES: Final = ("first", "second")


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def write_policy(folder: Path, name: str, rules: int) -> Path:
    """A policy whose every decision bears its name, with a case that it passes."""
    path = policy_of(rules, folder, name)
    policy = json.loads(path.read_text(encoding="utf-8"))
    policy["rules"].append({"id": f"{name}_all", "when": "true", "then": {"labels": [name]}})
    path.write_text(json.dumps(policy), encoding="utf-8")
    case = {"name": "any", "post": {"text": "hello"}, "expect": {"action": "allow"}}
    path.with_suffix(".cases.yaml").write_text(json.dumps({"cases": [case]}), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, and how long its post waited for it."""

    verdict: Verdict
    wait_ms: float
    cpu_ms: float
    """What this process computed while the post waited, on all threads."""


class Load:
    """Posts at a steady rate.

    Args:
        stage: judges them.
        cases: the posts with their scores.
        rate: posts a second.
    """

    def __init__(self, stage: RulesStage, cases: Sequence[Case], rate: float) -> None:
        self._stage = stage
        self._posts = [_prepared(case, offset) for offset, case in enumerate(cases)]
        self._rate = rate

    async def until(self, stop: asyncio.Event) -> list[Answer]:
        """Send until told to stop; the answers to all that was sent."""
        begin, sent, tasks = time.perf_counter(), 0, []
        while not stop.is_set():
            due, before = begin + sent / self._rate, time.process_time()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late = time.perf_counter() - due
            cpu = max(before, time.process_time() - late)
            tasks.append(asyncio.create_task(self._answer(sent, due, cpu)))
            sent += 1
        return await asyncio.gather(*tasks)

    async def _answer(self, number: int, due: float, cpu: float) -> Answer:
        arrival, scores = self._posts[number % len(self._posts)]
        prints = [Fingerprints(BankQuery())]
        (judgement,) = await self._stage.judge([arrival], [scores], prints, {})
        return Answer(
            judgement.verdict,
            (time.perf_counter() - due) * 1e3,
            (time.process_time() - cpu) * 1e3,
        )


def _prepared(case: Case, offset: int) -> tuple[Arrival, PostScores]:
    record = Record(TopicPartition("posts", 0), offset, 0, None, b"", (), 1)
    return Arrival(record, case.post), PostScores(case.post.post_id, dict(case.scores))


def is_mixed(verdict: Verdict, names: Mapping[str, str]) -> bool:
    """Whether anything in the verdict is of another policy than its version says."""
    name = names[verdict.versions.policy]
    rules = {hit.rule.partition("_")[0] for hit in verdict.rule_hits}
    return rules != {name} or verdict.labels != (name,)


async def measure(rules: int, reloads: int, quiet_seconds: float, rate: float) -> dict[str, Any]:
    """The waits while nothing happens, and while policies take turns."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(1) as judging,
        ThreadPoolExecutor(1) as loading,
    ):
        paths = [_in_folder(Path(folder), name, rules) for name in NAMES]
        make = partial(edition_of, model="made")
        policies = [_load(path) for path in paths]
        names = {policy.version: name for policy, name in zip(policies, NAMES, strict=True)}
        rulebook = Rulebook(make(policies[0]))
        del policies  # as in a worker, only what judges is kept
        metrics = PolicyMetrics(CollectorRegistry())
        reloader = Reloader(rulebook, make, thread=loading, metrics=metrics, clock=utc_now)
        audit = AuditPlan(default_rate=0.0)
        stage = RulesStage(rulebook, unknown, audit=audit, thread=judging, clock=utc_now)
        cases = make_cases(random.Random(0), POSTS)  # noqa: S311 - draws made posts, nothing secret
        load = Load(stage, cases, rate)

        stop = asyncio.Event()
        sending = asyncio.create_task(load.until(stop))
        await asyncio.sleep(quiet_seconds)
        stop.set()
        quiet = await sending

        stop = asyncio.Event()
        sending = asyncio.create_task(load.until(stop))
        seconds = []
        for number in range(reloads):
            path, begin = paths[(number + 1) % 2], time.perf_counter()
            # A refused policy would be measured as a quick one.
            if not await reloader.offer(partial(_load, path), source=path.name):
                raise RuntimeError(f"refused: {reloader.refusal}")
            seconds.append(time.perf_counter() - begin)
        stop.set()
        busy = await sending
    return {
        "reload_rules": rules,
        "reload_posts_per_second": rate,
        "reload_posts_judged": len(busy),
        "reload_count": reloads,
        "reload_median_s": round(statistics.median(seconds), 2),
        "reload_quiet_longest_wait_ms": _longest(quiet),
        "reload_longest_wait_ms": _longest(busy),
        "reload_p99_wait_ms": round(
            statistics.quantiles(_waits(busy), n=100, method="inclusive")[98], 1
        ),
        "reload_longest_wait_cpu_ms": round(max(answer.cpu_ms for answer in busy), 1),
        "reload_limit_ms": LIMIT_MS,
        "reload_posts_of_a_mixture": sum(is_mixed(one.verdict, names) for one in quiet + busy),
    }


def _load(path: Path) -> Policy:
    return load_tested(path)[0]


def _in_folder(folder: Path, name: str, rules: int) -> Path:
    below = folder / name
    below.mkdir()
    return write_policy(below, name, rules)


def _waits(answers: Sequence[Answer]) -> list[float]:
    return [answer.wait_ms for answer in answers]


def _longest(answers: Sequence[Answer]) -> float:
    return round(max(_waits(answers)), 1)


def figures(
    rules: int = RULES,
    reloads: int = RELOADS,
    quiet_seconds: float = QUIET_SECONDS,
    rate: float = POSTS_PER_SECOND,
) -> dict[str, Any]:
    """Measure."""
    keep_what_is_loaded()  # as a worker does once it has started
    return asyncio.run(measure(rules, reloads, quiet_seconds, rate))


def main() -> None:
    """Measure and print; ``--small`` takes 100 rules, two reloads and 20 posts a second."""
    small = "--small" in sys.argv
    tell(figures(100, 2, 1.0, 20.0) if small else figures())


if __name__ == "__main__":
    main()
