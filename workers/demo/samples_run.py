"""Send the samples, and watch until every one of them is answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from workers.demo.answer_rows import MODALITY_SIGNS, Sent, answer_row, header
from workers.demo.broker_choice import as_environment
from workers.demo.errors import AnswersError
from workers.demo.processes import Child, Program
from workers.demo.producing import produce
from workers.demo.records import to_record
from workers.demo.sample_posts import SAMPLES_DIR, UNREACHABLE_HOST, load_samples
from workers.demo.settings import DemoSettings
from workers.demo.summary import print_summary
from workers.demo.tally import Question, Tally, Totals, question
from workers.demo.topic_reader import TopicReader
from workers.settings import KafkaSettings
from workers.streams import create_topics, free_ports

_NAMED_UNANSWERED: Final = 10  # of the records without an answer, in the message


class SamplesRun:
    """The samples' way through one worker on one broker.

    Args:
        kafka: the broker, and a topic prefix that is this run's own.
        settings: deadlines.
        console: what the person sees.
        log_dir: an existing folder for the worker's log.
    """

    def __init__(
        self, kafka: KafkaSettings, settings: DemoSettings, console: Console, log_dir: Path
    ) -> None:
        self._kafka = kafka
        self._settings = settings
        self._console = console
        self._log_dir = log_dir
        self._tally = Tally()

    @property
    def model_version(self) -> str:
        """The model that the verdicts name; empty when there is none."""
        versions = {verdict.versions.model for verdict in self._tally.verdicts.values()}
        return ", ".join(sorted(versions))

    async def to_the_last_answer(self, *, kill_worker_after: int | None = None) -> Totals:
        """Start a worker, send every sample, show every answer, stop the worker, and count.

        Args:
            kill_worker_after: answers after which the worker gets SIGKILL and is started again.

        Raises:
            AnswersError: a record has no answer after the deadline, or contradicting ones.
            ProcessFailedError: the worker failed.
        """
        await create_topics(self._kafka)
        self._console.print("Starting the worker; it loads the model …")
        (port,) = free_ports(1)
        worker = await Child.start(worker_program(self._kafka, port=port), self._log_dir)
        try:
            await worker.wait_ready(self._settings.ready_seconds)
            sent = await self._send()
            async with TopicReader(self._kafka, self._tally) as reader:
                await self._watch(reader, worker, sent, kill_worker_after)
                # What the worker still has to send (the second answer to a duplicate, the last
                # escalation) it sends while it drains; only then are the topics complete.
                await worker.stop()
                await reader.read_to_end()
        finally:
            await worker.stop()
        print_summary(self._console, sent, self._tally)
        return self._checked_totals()

    async def _send(self) -> list[Sent]:
        samples = load_samples()
        limit = self._settings.inline_up_to_bytes
        records = [
            to_record(sample.line, SAMPLES_DIR, inline_up_to_bytes=limit) for sample in samples
        ]
        places = await produce(self._kafka, records)
        self._console.print(f"Sent {len(records)} records.   {MODALITY_SIGNS}\n")
        return [
            Sent(sample, record, question(place, record.value))
            for sample, record, place in zip(samples, records, places, strict=True)
        ]

    async def _watch(
        self,
        reader: TopicReader,
        worker: Child,
        sent: Sequence[Sent],
        kill_worker_after: int | None,
    ) -> None:
        by_question: dict[Question, Sent] = {}
        for one in sent:
            by_question.setdefault(one.asked, one)
        deadline = time.monotonic() + self._settings.deadline_seconds
        self._console.print(header())
        with self._progress() as progress:
            bar = progress.add_task("answered", total=len(by_question))
            while self._tally.answered < len(by_question):
                worker.check()
                if time.monotonic() > deadline:
                    raise AnswersError(self._missing(by_question))
                for asked in await reader.poll():
                    self._console.print(answer_row(by_question[asked], self._tally))
                progress.update(bar, completed=self._tally.answered)
                if kill_worker_after is not None and self._tally.answered >= kill_worker_after:
                    kill_worker_after = None
                    await self._kill_and_start_again(worker)

    async def _kill_and_start_again(self, worker: Child) -> None:
        await worker.kill()
        self._console.print(
            f"Killed the worker (SIGKILL) after {self._tally.answered} answers and started it "
            "again; the broker hands the rest over once it has missed the dead one's heartbeats."
        )
        await worker.start_again()

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    def _missing(self, asked: dict[Question, Sent]) -> str:
        missing = [str(each) for each in asked if not self._tally.is_answered(each)]
        named = ", ".join(missing[:_NAMED_UNANSWERED])
        more = len(missing) - _NAMED_UNANSWERED
        return (
            f"no answer within {self._settings.deadline_seconds:g} s for {len(missing)} of "
            f"{len(asked)}: {named}"
            + (f" and {more} more" if more > 0 else "")
            + f"; see the worker's log in {self._log_dir}"
        )

    def _checked_totals(self) -> Totals:
        twice = self._tally.answered_twice()
        if twice:
            raise AnswersError(
                f"both a verdict and a dead letter for {', '.join(map(str, twice))}; "
                "the worker broke its promise of one answer"
            )
        return self._tally.totals()


def worker_program(kafka: KafkaSettings, *, port: int) -> Program:
    """The worker, with the samples' folder as its object store.

    Args:
        kafka: its broker and topics.
        port: of its /metrics, /healthz and /readyz.
    """
    return Program.moderation(
        "worker",
        environment={
            **as_environment(kafka),
            "MODERATION_WORKER_HTTP_PORT": str(port),
            "MODERATION_WORKER_MEDIA_ROOT": str(SAMPLES_DIR),
            "MODERATION_WORKER_MEDIA_HOSTS": UNREACHABLE_HOST,
            "MODERATION_WORKER_RETRY_SECONDS": "0.2",
        },
        ready_url=f"http://127.0.0.1:{port}/readyz",
    )
