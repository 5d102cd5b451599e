"""`moderation demo`, from a shell, on real Apache Kafka and with the shipped model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.kafka import unique_settings
from workers.demo.sample_posts import Group, load_samples
from workers.streams import make_admin

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

DEMO_SECONDS = 360  # a start, the model's load and thirty seconds of a dead worker's session
OUTCOMES = ("allow", "limit", "review", "remove", "dead letter")


@dataclass(frozen=True)
class Ended:
    """A demo that has ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def figures(self) -> dict[str, Any]:
        """The object on the last line."""
        figures = json.loads(self.stdout.splitlines()[-1])
        assert isinstance(figures, dict)
        return figures

    def group(self, group: Group) -> dict[str, int]:
        """How many of the group had which outcome, as the summary says."""
        for line in self.stdout.splitlines():
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            if cells[0] == group and len(cells) == len(OUTCOMES) + 2:
                counts = [int(cell.replace("·", "0")) for cell in cells[1:-1]]
                return dict(zip(OUTCOMES, counts, strict=True))
        raise AssertionError(f"no row for {group} in\n{self.stdout}")


def run_demo(folder: Path, *options: str) -> Ended:
    ended = subprocess.run(
        [sys.executable, "-c", "from workers.cli import main; main()", "demo", *options],
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
        env={**os.environ, "MODERATION_DEMO_RUNS_DIR": str(folder)},
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="module")
def demo(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One demo, which every test of this module looks at."""
    del apache_kafka  # only to say why there is no real Kafka, where there is none
    ended = run_demo(tmp_path_factory.mktemp("demo"), "--broker", "apache")
    assert ended.exit_code == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended


def test_the_last_line_is_the_figures_and_they_add_up(demo: Ended) -> None:
    figures = demo.figures
    assert list(figures) == [
        "posts",
        "verdicts",
        "dead_letters",
        "degraded",
        "escalations",
        "by_action",
        "seconds",
        "broker",
        "model",
    ]
    assert figures["posts"] == figures["verdicts"] + figures["dead_letters"]
    # Every sample asks a question of its own but the duplicate, which repeats one.
    assert figures["posts"] == len(load_samples()) - 1
    assert sum(figures["by_action"].values()) == figures["verdicts"]
    assert figures["dead_letters"] == 3
    # The four with broken media, and no other: the model failed on nothing.
    assert figures["degraded"] == 4
    assert figures["escalations"] >= figures["by_action"]["review"]
    assert figures["broker"].startswith("Apache Kafka 4")
    assert figures["model"]


def test_every_malformed_record_gets_the_answer_that_it_has_to_get(demo: Ended) -> None:
    marks = re.findall(r"^│ ([✓✗]) │ (\w[\w ]+?) +│", demo.stdout, flags=re.MULTILINE)
    assert len(marks) == 8
    assert [kind for mark, kind in marks if mark != "✓"] == []


def test_harmless_posts_are_mostly_allowed(demo: Ended) -> None:
    outcomes = demo.group(Group.HARMLESS)
    assert outcomes["allow"] >= 0.8 * sum(outcomes.values())


def test_harmful_posts_are_mostly_not_allowed(demo: Ended) -> None:
    outcomes = demo.group(Group.HARMFUL)
    assert outcomes["allow"] < 0.5 * sum(outcomes.values())


def test_a_pipe_gets_plain_text_and_nothing_goes_wrong_on_the_way(demo: Ended) -> None:
    assert "\x1b" not in demo.stdout
    assert demo.stderr == ""


@pytest.fixture(scope="module")
def demo_with_killed_worker(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A demo on a broker that runs already; its worker is killed at the first answer."""
    folder = tmp_path_factory.mktemp("demo-killed")
    ended = run_demo(folder, "--broker", apache_kafka, "--kill-worker-after", "1")
    assert ended.exit_code == 0, f"{ended.stdout}\n{ended.stderr}"
    assert list(folder.iterdir()) == []
    return ended


def test_a_worker_killed_in_the_middle_leaves_no_post_unanswered(
    demo_with_killed_worker: Ended,
) -> None:
    stdout = demo_with_killed_worker.stdout
    killed = re.search(r"Killed the worker \(SIGKILL\) after (\d+) answers", stdout)
    assert killed is not None
    figures = demo_with_killed_worker.figures
    assert int(killed[1]) < figures["posts"]
    assert figures["posts"] == figures["verdicts"] + figures["dead_letters"]
    assert figures["posts"] == len(load_samples()) - 1


async def test_no_topic_is_left_on_a_broker_that_is_not_ours(
    apache_kafka: str, demo_with_killed_worker: Ended
) -> None:
    assert demo_with_killed_worker.figures["broker"] == f"the broker at {apache_kafka}"
    admin = make_admin(unique_settings(apache_kafka))
    await admin.start()
    try:
        topics = await admin.list_topics()
    finally:
        await admin.close()
    assert [topic for topic in topics if topic.startswith("demo-")] == []
