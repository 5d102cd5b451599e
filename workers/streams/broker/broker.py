"""Start, find and stop the development broker."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version as installed_version
from pathlib import Path

from workers.streams.broker.apache import apache_logs, start_apache
from workers.streams.broker.choice import Choice, choose_kind
from workers.streams.broker.embedded import embedded_log, start_embedded
from workers.streams.broker.home import BrokerHome, BrokerNote
from workers.streams.broker.jars import kafka_version
from workers.streams.broker.process import answers, end, end_stranger, wait_until
from workers.streams.broker.settings import BrokerSettings, Kind, KindChoice

Notify = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that answers.

    ``kind`` and ``why`` say what it is and why it was chosen; ``version`` is Apache Kafka's, or
    confluent-kafka's; ``folder`` holds its records and logs.
    """

    kind: Kind
    bootstrap_servers: str
    version: str
    pid: int
    folder: Path
    why: str = ""
    stop_seconds: float = 30.0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def is_running(self) -> bool:
        """Whether its process lives."""
        if self._process is not None:
            return self._process.poll() is None
        return BrokerHome(self.folder).is_running()

    def stop(self) -> None:
        """End it in order, and wait until it has ended; harmless when it has already."""
        if self._process is not None:
            end(self._process, seconds=self.stop_seconds)
            if self._process.stdin is not None:
                self._process.stdin.close()
            return
        home = BrokerHome(self.folder)
        if home.is_running():
            end_stranger(self.pid, home.is_running, seconds=self.stop_seconds)


def start_broker(
    settings: BrokerSettings, *, detach: bool = False, notify: Notify = silent
) -> Broker:
    """Start a broker and wait until it answers.

    Blocks for a second or two, and the first time for a download.

    Args:
        settings: kind, port and folders.
        detach: whether it outlives this process. Otherwise stop it by :meth:`Broker.stop`.
        notify: told what happens, in sentences for a person.

    Raises:
        BrokerKindUnavailableError: what the kind needs is not installed.
        BrokerStartError: it did not come up; the message holds the end of its log.
    """
    choice = choose_kind(settings.kind, settings.jars_dir)
    notify(f"{choice.kind} broker: {choice.why}")
    home = BrokerHome(settings.home)
    with home.locked() as lock:
        broker = _start(choice, settings, home, lock, detach=detach, notify=notify)
        home.write_note(
            BrokerNote(
                kind=broker.kind,
                bootstrap_servers=broker.bootstrap_servers,
                version=broker.version,
                pid=broker.pid,
            )
        )
    return broker


def find_broker(settings: BrokerSettings) -> Broker | None:
    """The broker that runs in the settings' folder, whoever started it; None when there is none."""
    note = BrokerHome(settings.home).read_note()
    if note is None:
        return None
    return Broker(
        kind=note.kind,
        bootstrap_servers=note.bootstrap_servers,
        version=note.version,
        pid=note.pid,
        folder=settings.home,
        stop_seconds=settings.stop_seconds,
    )


@contextmanager
def running_broker(
    kind: KindChoice = "auto",
    *,
    port: int = 0,
    data_dir: Path | None = None,
    notify: Notify = silent,
) -> Iterator[Broker]:
    """A broker that lives as long as the block; on a free port by default.

    Args:
        kind: which one.
        port: 0 takes a free one.
        data_dir: its folder; None takes that of the settings.
        notify: as for :func:`start_broker`.

    Raises:
        BrokerError: as :func:`start_broker`.
    """
    settings = BrokerSettings(kind=kind, port=port)
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir})
    broker = start_broker(settings, notify=notify)
    try:
        yield broker
    finally:
        broker.stop()


def _start(
    choice: Choice,
    settings: BrokerSettings,
    home: BrokerHome,
    lock: int,
    *,
    detach: bool,
    notify: Notify,
) -> Broker:
    address: Path | None = None
    logs: tuple[Path, ...]
    if choice.kind == "apache":
        process, bootstrap = start_apache(settings, home, lock, notify)
        logs, version = apache_logs(home), kafka_version()
    else:
        process, address = start_embedded(home, lock, detach=detach)
        logs, version = (embedded_log(home),), installed_version("confluent-kafka")
        bootstrap = ""
    try:
        if address is not None:
            wait_until(address.is_file, process, seconds=settings.start_seconds, logs=logs)
            bootstrap = address.read_text()
        wait_until(lambda: answers(bootstrap), process, seconds=settings.start_seconds, logs=logs)
    except BaseException:
        end(process, seconds=settings.stop_seconds)
        raise
    return Broker(
        kind=choice.kind,
        bootstrap_servers=bootstrap,
        version=version,
        pid=process.pid,
        folder=home.folder,
        why=choice.why,
        stop_seconds=settings.stop_seconds,
        _process=process,
    )
