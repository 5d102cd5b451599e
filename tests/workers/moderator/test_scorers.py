"""The setting ``model`` names a scorer; a folder's is real, and judges all modalities on Kafka."""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from moderation.media import DecodedPost
from moderation.model import tiny_classifier
from moderation.scoring import ConstantScorer, PostScores
from schemas import CATEGORIES, TOPICS, Media, Modality, NotScannedReason, Verdict, VerdictStatus
from tests.support.kafka import produce_posts, read_messages
from tests.workers.moderator.making import HARMLESS, make_post
from tests.workers.moderator.running import running_worker
from workers.moderator.device import Device
from workers.moderator.errors import StartError
from workers.moderator.scorers import load_scorer
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a tiny classifier that was never trained."""
    folder = tmp_path_factory.mktemp("model")
    tiny_classifier().save_pretrained(folder)
    return folder


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def sound() -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(16_000, np.float32), 16_000, format="WAV")
    return buffer.getvalue()


def test_constant_scorer_calls_itself_so_in_every_verdict() -> None:
    loaded = load_scorer(ModeratorSettings(model="constant"))
    assert loaded.scorer.version.startswith("constant")
    assert loaded.scorer.categories == CATEGORIES


def test_folder_is_loaded_onto_the_device(model_folder: Path) -> None:
    loaded = load_scorer(ModeratorSettings(model=str(model_folder), device="cpu"))
    assert "@sha256:" in loaded.scorer.version
    assert loaded.device == "cpu"
    assert loaded.broken


@pytest.fixture
def torch_threads() -> Iterator[None]:
    """Leaves the number of an operation's threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("torch_threads")
@pytest.mark.parametrize(("cores", "side_by_side"), [({0}, 1), (set(range(12)), 4)])
async def test_each_thread_that_scores_computes_on_its_share_of_the_cores(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, cores: set[int], side_by_side: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: cores)
    monkeypatch.setattr("workers.moderator.machine_settings.cpu_quota", lambda: math.inf)
    settings = ModeratorSettings(model=str(model_folder), device="cpu")
    loaded = await asyncio.to_thread(load_scorer, settings)
    threads: list[int] = []

    class Watched(ConstantScorer):
        def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
            loaded.scorer.score(posts)
            threads.append(torch.get_num_threads())
            return super().score(posts, embed=embed)

    device = Device(Watched(HARMLESS), max_batch_posts=1, threads=loaded.threads)
    posts = [[DecodedPost(f"p{number}", text="hello")] for number in range(8)]
    await asyncio.gather(*(device.score(post) for post in posts))
    await device.close()
    assert loaded.threads == side_by_side
    assert set(threads) == {len(cores) // side_by_side}


def test_folder_without_a_model_is_told_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=rf"{tmp_path}.*MODERATION_WORKER_MODEL"):
        load_scorer(ModeratorSettings(model=str(tmp_path)))


def test_device_that_does_not_exist_is_told_with_its_variable(model_folder: Path) -> None:
    with pytest.raises(StartError, match=r"quantum.*MODERATION_WORKER_DEVICE"):
        load_scorer(ModeratorSettings(model=str(model_folder), device="quantum"))


@pytest.mark.kafka
async def test_real_classifier_judges_text_pictures_and_sound(
    kafka_settings: KafkaSettings, model_folder: Path
) -> None:
    posts = [
        make_post("mixed", images=(Media(data=picture()),), audio=(Media(data=sound()),)),
        make_post("broken", images=(Media(data=picture()), Media(data=picture()[:50]))),
    ]
    await produce_posts(kafka_settings, TOPICS.posts, posts)
    loaded = load_scorer(ModeratorSettings(model=str(model_folder), device="cpu"))
    async with running_worker(kafka_settings, loaded.scorer) as worker:
        await worker.reaches("moderation_verdicts_total", 2)
    verdicts = {
        verdict.post_id: verdict
        for verdict in await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    }
    mixed, broken = verdicts["mixed"], verdicts["broken"]
    assert mixed.status is VerdictStatus.COMPLETE
    assert mixed.modalities == (Modality.TEXT, Modality.IMAGE, Modality.AUDIO)
    assert set(mixed.scores) == set(loaded.scorer.categories)
    assert mixed.versions.model == loaded.scorer.version
    assert broken.status is VerdictStatus.DEGRADED
    assert [(entry.index, entry.reason) for entry in broken.not_scanned] == [
        (1, NotScannedReason.UNDECODABLE)
    ]
