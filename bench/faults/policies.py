"""The workers' policy in versions that tell on themselves.

Each version fires two rules on every post, its first and its last, which bear the version's number.
So a verdict shows by which rules it was judged, whatever version it names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.faults.facts import Place
from rules import read_bundle
from schemas import PolicyBundle
from workers.policy.publish import send_bundle
from workers.settings import KafkaSettings

NAME: Final = "faults"

_POLICY: Final = """\
policy: {name}
categories:
  spam: {{limit: 0.60, review: 0.75, remove: 0.95, severity: 0.3}}
not_scanned:
  default: review
queues:
  default: {{due: 24h}}
rules:
  - id: {first}
    when: text.links >= 0
    then: {{labels: [{first}]}}
  - id: many_links
    when: text.links > 100
    then: {{action: review}}
  - id: {last}
    when: text.links >= 0
    then: {{labels: [{last}]}}
"""

_CASES: Final = """\
cases:
  - name: every post is marked
    post: {{text: good morning}}
    expect: {{action: allow, rules: [{first}, {last}]}}
"""


class Policies:
    """Publishes one version after the other, and remembers what it published.

    Args:
        folder: for the files of each version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.published: dict[str, frozenset[str]] = {}
        """The versions in their order, with the rules that each fires on every post."""
        self.settled: dict[Place, str] = {}
        """Records that came when all workers judged by this version, and were answered then."""

    @property
    def last(self) -> str:
        """The version that was published last."""
        return next(reversed(self.published))

    @property
    def file(self) -> Path:
        """Of the first version, which workers bring along."""
        return self._file(0)

    async def publish(self, kafka: KafkaSettings) -> str:
        """Put the next version on the topic, and wait until the broker has it; returns its name.

        Raises:
            StreamsError: the broker does not take it.
        """
        bundle = self.write(len(self.published))
        # Noted before: from the moment on that the broker has it, workers may judge by it.
        self.published[bundle.version] = frozenset(marks(len(self.published)))
        await send_bundle(kafka, bundle)
        return bundle.version

    def write(self, number: int) -> PolicyBundle:
        """The files of a version, put to the test."""
        first, last = marks(number)
        file = self._file(number)
        file.parent.mkdir(parents=True)
        file.write_text(_POLICY.format(name=NAME, first=first, last=last), encoding="utf-8")
        cases = _CASES.format(first=first, last=last)
        file.with_suffix(".cases.yaml").write_text(cases, encoding="utf-8")
        return read_bundle(file, datetime.now(UTC))

    def _file(self, number: int) -> Path:
        return self._folder / f"policy-{number}" / f"{NAME}.yaml"


def marks(number: int) -> tuple[str, str]:
    """The first and the last rule of a version."""
    return f"first_of_{number}", f"last_of_{number}"
