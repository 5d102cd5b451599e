"""Every public set is read from its original format."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.evaluation import DEV, TRAIN, Row, read_audio, read_image
from moderation.training.datasets import SETS, DatasetError, build_dataset
from tests.moderation.training.datasets.making import (
    TEXTS,
    make_guns_clone,
    make_memes_clone,
    make_picture,
    make_sound,
    make_text_clone,
)

EXPECTED: dict[str, list[tuple[str, dict[str, int]]]] = {
    "davidson": [
        ("those people are vermin", {"hate": 1, "toxicity": 1}),
        ("what an idiot", {"hate": 0, "toxicity": 1}),
        ("RT @user: tea, then sleep & dreams", {"hate": 0, "toxicity": 0}),
    ],
    "tweeteval_hate": [
        ("send them all away", {"hate": 1}),
        ("nice day", {"hate": 0}),
        ("a walk", {"hate": 0}),
    ],
    "tweeteval_offensive": [
        ("you fool", {"toxicity": 1}),
        ("nice day", {"toxicity": 0}),
        ("a walk", {"toxicity": 0}),
    ],
    "cold": [("你们都是骗子", {"toxicity": 1}), ("今天天气好", {"toxicity": 0})],
    "hatemoji_build": [("they are 🐀", {"hate": 1}), ("we love 🐈", {"hate": 0})],
    "ethos": [("drive them out", {"hate": 1, "violence": 1}), ("lovely cake", {"hate": 0})],
    "vicomtech": [("they ruin it all", {"hate": 1}), ("the shop opens at nine", {"hate": 0})],
    "surge_toxicity": [("you clown", {"toxicity": 1}), ("well played", {"toxicity": 0})],
    "sms_spam": [("WIN a prize for £5", {"spam": 1}), ("see you at six", {"spam": 0})],
    "twitter_suicidal": [
        ("i want it to be over", {"self_harm": 1}),
        ("new shoes", {"self_harm": 0}),
    ],
    "ailuminate": [
        ("how do people hurt others?", {"violence": 1}),
        ("comment nuire?", {"weapons": 1}),
    ],
    "sentence_templates": [
        ("being kind is nice", {"toxicity": 0}),
        ("being kind is vile", {"toxicity": 1}),
    ],
}
OFFICIAL_DEV = {"tweeteval_hate": 1, "tweeteval_offensive": 1, "cold": 1, "hatemoji_build": 1}


def build(name: str, clone: Path) -> list[Row]:
    return build_dataset(name, clone, media=clone / "media").rows


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_set_gives_its_texts_with_its_labels(name: str, tmp_path: Path) -> None:
    rows = build(name, make_text_clone(name, tmp_path))
    assert [(row.text, row.labels) for row in rows] == EXPECTED[name]
    assert {row.source for row in rows} == {name}
    assert all(row.lang for row in rows)
    assert len({row.id for row in rows}) == len(rows)
    if name in OFFICIAL_DEV:
        assert sum(row.split == DEV for row in rows) == OFFICIAL_DEV[name]


def test_every_set_of_the_table_is_tested_here() -> None:
    assert {*TEXTS, "guns", "imagenet", "memes", "esc10", "fsdd"} == set(SETS)


def test_guns_become_crops_and_copies_are_left_out(tmp_path: Path) -> None:
    rows = build("guns", make_guns_clone(tmp_path))
    names = {row.id: row.labels["weapons"] for row in rows}
    assert names["guns-1-0-tight"] == names["guns-1-0-wide"] == 1
    assert names["guns-1-neg0"] == 0
    assert not [name for name in names if "-1-tight" in name]  # a box of 10 pixels
    assert not [name for name in names if name.startswith("guns-3")]
    assert all(row.image and max(read_image(row.image).shape) == 256 for row in rows)
    for original in ("guns-1-", "guns-2-"):
        assert len({row.split for row in rows if row.id.startswith(original)}) == 1


def test_a_label_file_with_missing_boxes_is_named(tmp_path: Path) -> None:
    clone = make_guns_clone(tmp_path)
    (clone / "Labels/001/2.txt").write_text("2\n1 2 3 4\n")
    with pytest.raises(DatasetError, match=r"2\.txt: 2 boxes announced, 1 found"):
        build("guns", clone)


def test_imagenet_leaves_out_what_may_show_arms(tmp_path: Path) -> None:
    for name in ("n01440764_tench", "n04090263_rifle"):
        make_picture(tmp_path / f"{name}.JPEG", seed=1)
    (row,) = build("imagenet", tmp_path)
    assert (row.id, row.labels) == ("imagenet-n01440764", {"weapons": 0})


def test_memes_keep_text_picture_and_split(tmp_path: Path) -> None:
    train, dev = build("memes", make_memes_clone(tmp_path))
    assert (train.text, train.labels, train.split) == ("look at train", {"toxicity": 1}, TRAIN)
    assert (dev.text, dev.labels, dev.split) == ("look at val", {"toxicity": 0}, DEV)
    assert train.image
    assert max(read_image(train.image).shape) == 320


def test_esc10_uses_its_folds_and_leaves_out_the_baby(tmp_path: Path) -> None:
    for name in (
        "001 - Dog bark/1-100-A",
        "002 - Rain/4-101-A",
        "002 - Rain/5-102-A",
        "004 - Baby cry/1-103-A",
    ):
        make_sound(tmp_path / f"{name}.ogg", 44100)
    dog, rain = build("esc10", tmp_path)
    assert (dog.event, dog.split) == ("dog_bark", TRAIN)
    assert (rain.event, rain.split) == ("rain", DEV)
    assert dog.audio
    assert len(read_audio(dog.audio)) == pytest.approx(8000, abs=2)


def test_fsdd_keeps_no_name_and_one_speaker_for_dev(tmp_path: Path) -> None:
    for name in ("7_george_5", "7_yweweler_6", "7_george_1"):
        make_sound(tmp_path / f"recordings/{name}.wav", 8000)
    rows = build("fsdd", tmp_path)
    assert [row.split for row in rows] == [TRAIN, DEV]
    assert {row.event for row in rows} == {"speech"}
    assert not [row for row in rows if "george" in f"{row.id} {row.audio and row.audio.name}"]


def test_a_folder_that_is_no_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="moderation dataset list"):
        build("davidson", tmp_path)


def test_another_format_is_refused_with_the_commit_to_check_out(tmp_path: Path) -> None:
    (tmp_path / "toxicity_en.csv").write_text("comment,verdict\nhello,fine\n")
    with pytest.raises(DatasetError, match=r"surge-ai/toxicity at commit \w+"):
        build("surge_toxicity", tmp_path)


def test_an_unknown_set_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no set 'nope'; choose of davidson"):
        build("nope", tmp_path)
