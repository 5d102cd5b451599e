"""What people wrote, and what opens doors, is in no log, no metric and no listing."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from schemas import TOPICS, DeadLetter, Escalation, Media, Verdict
from tests.hostile.files import picture_bombs
from tests.moderation.media.corpus import encoded, picture, png_chunk
from tests.support.kafka import produce, read_messages
from tests.support.secure_kafka import PASSWORD, SecureKafka, secure_kafka_or_skip
from tests.support.waiting import eventually
from tests.support.worker_process import WorkerProcess, kafka_environment, running_worker
from tests.workers.moderator.making import make_post
from workers.cli import build_app
from workers.settings import KafkaSettings
from workers.streams import create_topics

pytestmark = pytest.mark.kafka

CANARY = "wug-blicket-zarf"
"""A text that nobody else writes."""

PEOPLE = {
    "mail": "jo.smith@example.org",
    "phone": "+44 20 7946 0018",
    "card": "4111 1111 1111 1111",
    "address": "203.0.113.77",
}
SIGNATURE = "signature-of-a-url"

TEXT = f"{CANARY} {' '.join(PEOPLE.values())}"


@pytest.fixture(scope="module")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    with secure_kafka_or_skip(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


def hostile_values() -> list[bytes]:
    """Posts that are judged, that are not scanned, that are no posts; all with text of people."""
    png = encoded(picture(), "PNG")
    quoting = png[:33] + png_chunk(b"tEXt", b"Comment\0" + TEXT.encode()) + png[33:]
    exif = Image.Exif()
    exif[0x010E] = TEXT  # the picture's description
    address = f"https://cdn.example.org/{CANARY}?{SIGNATURE}"
    posts = [
        make_post("plain", text=TEXT),
        make_post("pictures", text=TEXT, images=(Media(data=quoting), Media(data=png[:60]))),
        make_post("exif", text=None, images=(Media(data=encoded(picture(), "JPEG", exif=exif)),)),
        make_post("text-as-picture", text=None, images=(Media(data=TEXT.encode()),)),
        make_post("bomb", images=(Media(data=picture_bombs()["jpeg of very many scans"]),)),
        make_post("web", text=TEXT, images=(Media(url=address),)),
    ]
    whole = json.loads(posts[0].to_bytes())
    return [
        *(post.to_bytes() for post in posts),
        TEXT.encode(),
        b'{"text": "' + TEXT.encode(),
        json.dumps(whole | {"post_id": TEXT}).encode(),
        json.dumps(whole | {TEXT: TEXT, "revision": TEXT, "created_at": TEXT}).encode(),
        json.dumps(whole | {"images": [{"data": TEXT}], "surface": TEXT}).encode(),
    ]


def assert_quiet(what: str, said: str) -> None:
    plain = re.sub(r"\s+", " ", said)
    leaks = [one for one in (CANARY, *PEOPLE.values(), SIGNATURE, PASSWORD) if one in plain]
    assert leaks == [], f"{what} repeats {leaks}"


async def test_a_worker_at_debug_level_repeats_no_text_no_person_and_no_secret(
    secure_kafka: SecureKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = secure_kafka.by_password(topic_prefix="leaks.")
    await create_topics(kafka)
    values = hostile_values()
    await produce(kafka, TOPICS.posts, [(b"author", value) for value in values])

    with running_worker(kafka, tmp_path, log_level="DEBUG", decode_seconds=1.0) as worker:
        worker.wait_ready()
        eventually(lambda: answered(worker) >= len(values), within_seconds=60)
        assert_quiet("a metric", worker.metrics())
        worker.stop()
    assert_quiet("the log", worker.log)
    assert "decoding was stopped" in worker.log

    letters = await read_messages(kafka, TOPICS.dead_letter, DeadLetter)
    assert len(letters) == 5
    assert all(letter.reason for letter in letters)
    for letter in letters:
        assert_quiet("a dead letter's reason", letter.reason)
    # Verdicts name what was not scanned, and quote neither files nor addresses' secrets.
    verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
    assert len(verdicts) == len(values) - len(letters)
    missed = [gap.detail or "" for verdict in verdicts for gap in verdict.not_scanned]
    assert len(missed) >= 4
    assert SIGNATURE not in " ".join(missed)
    # A person needs the post itself to decide, and the console masks it by their role.
    escalations = await read_messages(kafka, TOPICS.escalations, Escalation)
    assert {escalation.post.post_id for escalation in escalations} >= {"web", "bomb"}

    listed = await asyncio.to_thread(listing, kafka, monkeypatch, "list")
    assert listed.count("not_json") == 2
    assert_quiet("the listing of dead letters", listed)
    for letter_id in re.findall(r"(?m)^\W*(\d+:\d+)\b", listed)[:2]:
        shown = await asyncio.to_thread(listing, kafka, monkeypatch, "show", letter_id)
        for one in (*PEOPLE.values(), PASSWORD):
            assert one not in shown


def answered(worker: WorkerProcess) -> float:
    return worker.total("moderation_verdicts_total") + worker.total("moderation_dead_letters_total")


def listing(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch, *command: str) -> str:
    for name, value in kafka_environment(kafka).items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(build_app(), ["dead-letters", *command], env={"COLUMNS": "400"})
    assert result.exit_code == 0, result.output
    return result.output


def test_a_worker_that_cannot_connect_does_not_say_with_which_password(
    tmp_path: Path, secure_kafka: SecureKafka
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    away = secure_kafka.by_password(bootstrap_servers=f"127.0.0.1:{port}")

    with running_worker(away, tmp_path, log_level="DEBUG") as worker:
        eventually(lambda: worker.process.exitcode is not None, within_seconds=120)
        assert worker.process.exitcode == 1

    assert f"127.0.0.1:{port}" in worker.log
    assert_quiet("the log", worker.log)
