"""The processes of `moderation up`: their ports, settings and addresses."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from workers.demo.broker_choice import ReachedBroker, as_environment
from workers.demo.processes import Program, require_free
from workers.demo.sample_posts import SAMPLES_DIR
from workers.demo.samples_run import worker_program
from workers.demo.settings import DemoSettings
from workers.ledger.settings import LedgerSettings
from workers.moderator.settings import ModeratorSettings
from workers.review.settings import ReviewSettings
from workers.settings import KafkaSettings
from workers.streams import BrokerSettings

_LOOPBACK: Final = "127.0.0.1"
_PASSWORD_BYTES: Final = 12  # 96 bits: sixteen characters of base64

_RULES: Final = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules"
"""Alerts and recording rules; a folder of the repository that an installed package does not have,
and Prometheus loads what there is."""

PROMETHEUS_CONFIG: Final = f"""\
global:
  scrape_interval: 5s
  evaluation_interval: 5s
rule_files:
  - {_RULES}/*.yml
scrape_configs:
"""
_SCRAPE: Final = """\
  - job_name: {job}
    static_configs:
      - targets: ["{host}:{port}"]
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens, and the setting that moves its port."""

    name: str
    port: int
    variable: str
    page: str

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://{_LOOPBACK}:{self.port}{self.page}"


@dataclass(frozen=True, slots=True)
class House:
    """Who listens where, and who may log in to the console."""

    broker_port: int
    worker: Listener
    ledger: Listener
    review: Listener
    prometheus: Listener | None
    """None where the Prometheus server is not installed."""
    account_name: str
    account_password: str
    prometheus_program: str | None = None

    @property
    def listeners(self) -> Sequence[Listener]:
        """All that are to be started."""
        known = (self.review, self.prometheus, self.worker, self.ledger)
        return tuple(listener for listener in known if listener is not None)

    def require_free_ports(self, *, own_broker: bool) -> None:
        """Look before anything is started.

        Args:
            own_broker: whether the broker's port is to be listened on as well.

        Raises:
            PortTakenError: somebody listens on one of the ports.
        """
        wanted = [(each.name, each.port, each.variable) for each in self.listeners]
        if own_broker:
            wanted.append(("broker", self.broker_port, "MODERATION_BROKER_PORT"))
        for name, port, variable in wanted:
            require_free(_LOOPBACK, port, what=name, variable=variable)

    def programs(self, kafka: KafkaSettings, run_dir: Path, *, embedded: bool) -> Sequence[Program]:
        """What to start, each with its own data in ``run_dir``.

        Args:
            kafka: broker and topics.
            run_dir: an existing folder, absolute.
            embedded: whether the broker is the embedded one, which keeps nothing on disk.
        """
        programs = [
            worker_program(kafka, port=self.worker.port),
            self._ledger(kafka, run_dir, embedded=embedded),
            self._review(kafka, run_dir),
        ]
        if self.prometheus is not None and self.prometheus_program is not None:
            programs.append(self._prometheus(self.prometheus_program, self.prometheus, run_dir))
        return programs

    def addresses(self, broker: ReachedBroker, run_dir: Path) -> Table:
        """What a person needs to look around."""
        table = Table.grid(padding=(0, 2))
        for listener in self.listeners:
            table.add_row(Text(listener.name, style="bold"), Text(listener.url))
        if self.prometheus is None:
            table.add_row(Text("Prometheus", style="bold"), Text("not installed"))
        table.add_row(Text("login", style="bold"), Text(f"{self.account_name}"))
        table.add_row(Text("password", style="bold"), Text(self.account_password))
        table.add_row(
            Text("broker", style="bold"),
            Text(f"{broker.bootstrap_servers} ({broker.description})"),
        )
        table.add_row(Text("logs and data", style="bold"), Text(str(run_dir)))
        return table

    def _ledger(self, kafka: KafkaSettings, run_dir: Path, *, embedded: bool) -> Program:
        environment = {
            **as_environment(kafka),
            "MODERATION_LEDGER_HTTP_PORT": str(self.ledger.port),
            "MODERATION_LEDGER_DATA_DIR": str(run_dir / "ledger"),
        }
        if embedded:
            environment["MODERATION_LEDGER_STORE"] = "memory"
        return Program.moderation(
            "ledger", environment=environment, ready_url=_ready(self.ledger.port)
        )

    def _review(self, kafka: KafkaSettings, run_dir: Path) -> Program:
        return Program.moderation(
            "review",
            environment={
                **as_environment(kafka),
                "MODERATION_REVIEW_PORT": str(self.review.port),
                "MODERATION_REVIEW_DATABASE_URL": f"sqlite+aiosqlite:///{run_dir / 'review.db'}",
                "MODERATION_REVIEW_MEDIA_DIR": str(SAMPLES_DIR),
                "MODERATION_REVIEW_ACCOUNT_NAME": self.account_name,
                "MODERATION_REVIEW_ACCOUNT_PASSWORD": self.account_password,
            },
            ready_url=_ready(self.review.port),
        )

    def _prometheus(self, program: str, listener: Listener, run_dir: Path) -> Program:
        config = run_dir / "prometheus.yml"
        jobs = {"worker": self.worker, "ledger": self.ledger, "review": self.review}
        config.write_text(
            PROMETHEUS_CONFIG
            + "".join(
                _SCRAPE.format(job=job, host=_LOOPBACK, port=scraped.port)
                for job, scraped in jobs.items()
            )
        )
        return Program(
            "prometheus",
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={run_dir / 'prometheus'}",
                f"--web.listen-address={_LOOPBACK}:{listener.port}",
                "--enable-feature=exemplar-storage",  # traces, on record age
            ],
            ready_url=f"http://{_LOOPBACK}:{listener.port}/-/ready",
        )


def house_from_settings(settings: DemoSettings) -> House:
    """Ports as each process's own settings say; a password is made up unless one is set."""
    review = ReviewSettings()
    program = shutil.which("prometheus")
    prometheus = Listener(
        "Prometheus", settings.prometheus_port, "MODERATION_DEMO_PROMETHEUS_PORT", ""
    )
    return House(
        broker_port=BrokerSettings().port,
        worker=Listener(
            "worker metrics",
            ModeratorSettings().http_port,
            "MODERATION_WORKER_HTTP_PORT",
            "/metrics",
        ),
        ledger=Listener(
            "ledger metrics", LedgerSettings().http_port, "MODERATION_LEDGER_HTTP_PORT", "/metrics"
        ),
        review=Listener("review console", review.port, "MODERATION_REVIEW_PORT", ""),
        prometheus=prometheus if program else None,
        prometheus_program=program,
        account_name=review.account_name,
        account_password=(
            review.account_password.get_secret_value()
            if review.account_password
            else secrets.token_urlsafe(_PASSWORD_BYTES)
        ),
    )


def _ready(port: int) -> str:
    return f"http://{_LOOPBACK}:{port}/readyz"
