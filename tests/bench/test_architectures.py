"""Every architecture on every data set, over made-up posts and tiny encoders."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.accuracy import TASKS
from bench.architectures.budget import Budget, from_scratch
from bench.architectures.comparison import Comparison
from bench.architectures.lineup import shipped_lineup
from bench.architectures.measured import COMPOSED_POSTS, Entry
from bench.architectures.table import draw, markdown
from moderation.evaluation import DEV, TRAIN, Row
from moderation.evaluation.crossmodal import COMPOSED, ComposedFold
from moderation.training import Recipe, TrainingError
from tests.bench.making import made_up_rows, work_in

NAMES = {task.source: task.name for task in TASKS}
SPAM = NAMES["sms_spam"]
STAGES = [
    "text-bert text",
    "text-recurrent text",
    "image-hybrid image",
    "audio-conv_transformer audio",
]


pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return made_up_rows(tmp_path_factory.mktemp("posts"))


@pytest.fixture(scope="module")
def finished(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    entries_in(folder, rows)
    return folder


def entries_in(folder: Path, rows: list[Row], **broken_off: Any) -> list[Entry]:
    both = [dataclasses.replace(r, labels={COMPOSED: r.labels["toxicity"]}) for r in rows
            if r.text and r.image]  # fmt: skip
    work = work_in(folder, rows, **broken_off)
    return list(Comparison(work, rows, [ComposedFold(both, both)]).entries())


def without_speed(entries: list[Entry]) -> list[Entry]:
    return [dataclasses.replace(entry, rates={}) for entry in entries]


def test_each_contender_has_a_row_with_the_tasks_that_it_can_do(
    finished: Path, rows: list[Row]
) -> None:
    entries = entries_in(finished, rows)
    text, sound = (NAMES[source] for source in ("tweeteval_offensive", "speech_posts"))
    done = {(e.group, e.name): {text, sound} & e.figures.keys() for e in entries}
    assert done == {
        ("text", "bert"): {text},
        ("text", "recurrent"): {text},
        ("image", "hybrid"): set(),
        ("audio", "conv_transformer"): {sound},
        ("fusion", "late"): {text, sound},
        ("fusion", "concat"): {text, sound},
        ("preset", "tiny"): {text, sound},
    }
    assert all(entry.parameters > 0 and entry.rates for entry in entries)
    together = {entry.name for entry in entries if COMPOSED_POSTS in entry.figures}
    assert together == {"late", "concat", "tiny"}


def test_a_finished_comparison_trains_nothing_again(finished: Path, rows: list[Row]) -> None:
    trained: list[str] = []
    entries_in(finished, rows, trained=trained)
    assert trained == []


def test_figures_are_made_anew_from_what_was_trained(
    finished: Path, rows: list[Row], tmp_path: Path
) -> None:
    before = entries_in(finished, rows)
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    shutil.rmtree(folder / "results")
    trained: list[str] = []
    again = entries_in(folder, rows, trained=trained)
    assert trained == []
    assert without_speed(again) == without_speed(before)


def test_an_interrupted_comparison_goes_on_after_its_last_finished_part(
    finished: Path, rows: list[Row], tmp_path: Path
) -> None:
    folder, trained = tmp_path / "broken", list[str]()
    folder.mkdir()
    shutil.copy(finished / "tokenizer.json", folder)  # learnt words come in no fixed order
    with pytest.raises(KeyboardInterrupt):
        entries_in(folder, rows, trained=trained, broken="text-recurrent text")
    first = list(trained)
    again = entries_in(folder, rows, trained=trained)
    assert [name for name in first if name in STAGES] == STAGES[:1]
    assert [name for name in trained if name in STAGES] == STAGES
    assert without_speed(again) == without_speed(entries_in(finished, rows))


def test_a_folder_of_other_terms_is_refused(finished: Path, rows: list[Row]) -> None:
    work = work_in(finished, rows)
    other = dataclasses.replace(work, rows=work.rows[1:])
    with pytest.raises(TrainingError, match=r"terms\.json has the terms of another comparison"):
        other.check_terms()


def test_the_draw_of_rows_hangs_on_their_names_alone() -> None:
    rows = [Row(id=str(n), text="a", split=TRAIN if n % 2 else DEV) for n in range(400)]
    budget = Budget.of(0.25, (1, 1, 1, 1), dev_rows=10, threads=1)
    drawn = {row.id for row in budget.train_rows(rows)}
    assert drawn == {row.id for row in budget.train_rows(rows[::-1])}
    assert 25 <= len(drawn) <= 75
    assert len(budget.dev_rows(rows)) == 10


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    rows = [Row(id=str(n), text="a") for n in range(400)]
    small, large = (
        {row.id for row in Budget.of(share, (1, 1, 1, 1), dev_rows=1, threads=1).train_rows(rows)}
        for share in (0.1, 0.5)
    )
    assert small < large


def test_the_budget_is_told_as_a_part_of_the_shipped_recipe() -> None:
    shipped = Recipe()
    passes = (shipped.text.epochs, shipped.image.epochs, shipped.audio.epochs, 1)
    assert Budget.of(0.1, passes, dev_rows=1, threads=1).fractions() == {
        "text": 0.1,
        "image": 0.6,
        "audio": 0.4,
    }


def test_what_starts_at_random_learns_as_fast_as_new_parts() -> None:
    stage = Recipe().text
    fresh = from_scratch(stage)
    assert fresh.learning_rate * fresh.head_factor == stage.learning_rate * stage.head_factor


def test_presets_are_put_together_of_encoders_that_are_compared() -> None:
    lineup = shipped_lineup()
    for name in lineup.presets:
        kinds = lineup.kinds_of(name)
        assert all(kind in lineup.encoders[modality] for modality, kind in kinds.items())


def test_the_table_marks_the_best_of_a_group_and_leaves_blank_what_was_not_asked() -> None:
    entries = [
        Entry("text", "good", {SPAM: 0.9}, 2_000_000, {"text": 80.4}),
        Entry("text", "bad", {SPAM: 0.5}, 1_000_000, {"text": 99.6}),
        Entry("audio", "ear", {"ESC-10, linear probe": 0.7}, 500_000, {"audio": 7.0}),
    ]
    assert markdown(entries).splitlines() == [
        f"|  | {SPAM}, F1 | ESC-10, linear probe, accuracy | parameters, M | texts/s | sounds/s |",
        "|---|---|---|---|---|---|",
        "| text: `good` | **0.900** |  | 2.0 | 80 |  |",
        "| text: `bad` | 0.500 |  | 1.0 | 100 |  |",
        "| audio: `ear` |  | 0.700 | 0.5 |  | 7 |",
    ]


def test_the_table_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "images" / "table.png"
    draw([Entry("text", "one", {SPAM: 0.9}, 1, {})], path, "made up")
    assert path.read_bytes().startswith(b"\x89PNG")
