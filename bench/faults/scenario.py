"""What kinds of workers a run injects its faults into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.faults.facts import Delivery

CONSTANT: Final = "constant"
TINY: Final = "tiny"

WORKERS: Final = 2

SESSION_SECONDS: Final = 6.0
"""Until the group gives up a silent worker: short, or a run would mostly wait, and above what a
busy machine makes a healthy worker miss."""

POLL_INTERVAL_SECONDS: Final = 12.0
"""Without a poll, until a worker leaves the group: as short as a busy machine lets a healthy one
poll. Who is frozen stays so for longer."""

AUDIT_RATE: Final = 0.2
"""Share of verdicts with an escalation, so that both are written together often."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Workers of one kind. ``share`` of the faults are theirs."""

    name: str
    delivery: Delivery
    model: str
    share: float

    def environment(
        self, media_host: str, certificate: Path, policy: Path, models: Path
    ) -> dict[str, str]:
        """The settings of its workers, but for the broker.

        Args:
            media_host: that pictures are fetched from, with the port.
            certificate: of that host.
            policy: that workers bring along; they follow its successors on the topic.
            models: a folder in which ``tiny`` is put when it is needed.
        """
        model = str(save_tiny(models)) if self.model == TINY else self.model
        worker = {
            "model": model,
            "policy": policy,
            "follow_policy": policy.stem,
            "device": "cpu",
            "precision": "fp32",
            "torch_threads": 1,
            "http_port": 0,
            "delivery": self.delivery,
            "media_hosts": media_host,
            "read_pictures": "off",
            "audit_sample_rate": AUDIT_RATE,
            "session_seconds": SESSION_SECONDS,
            "poll_interval_seconds": POLL_INTERVAL_SECONDS,
            "commit_seconds": 0.5,
            "retry_seconds": 0.5,
        }
        return {
            "OMP_NUM_THREADS": "1",
            "MODERATION_FAULTS_CERTIFICATE": str(certificate),
            **{f"MODERATION_WORKER_{name.upper()}": str(value) for name, value in worker.items()},
        }


PLUMBING: Final = Scenario("plumbing", Delivery.EXACTLY_ONCE, CONSTANT, share=0.7)
SCORING: Final = Scenario("scoring", Delivery.EXACTLY_ONCE, TINY, share=0.15)
AT_LEAST_ONCE: Final = Scenario("at-least-once", Delivery.AT_LEAST_ONCE, CONSTANT, share=0.15)

SCENARIOS: Final = (PLUMBING, SCORING, AT_LEAST_ONCE)


def save_tiny(models: Path) -> Path:
    """A folder with random weights that score in milliseconds, by the whole of the real path."""
    folder = models / TINY
    if not folder.is_dir():
        from moderation.model import tiny_classifier

        tiny_classifier().save_pretrained(folder)
    return folder
