"""Readers of the public text sets, each in the format of its repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zlib import crc32

from moderation.evaluation import DEV, TRAIN
from moderation.training.datasets.errors import DatasetError
from moderation.training.datasets.raw import RawPost, open_text, require, table_rows

MAJORITY: Final = 0.5  # share of annotators
SENTENCE_TEMPLATES_KEPT: Final = 4000  # of 77,000 that differ in one word

DAVIDSON_CLASSES: Final = MappingProxyType(
    {
        "0": {"hate": 1, "toxicity": 1},
        "1": {"hate": 0, "toxicity": 1},
        "2": {"hate": 0, "toxicity": 0},
    }
)
VICOMTECH_LABELS: Final = MappingProxyType({"hate": 1, "noHate": 0})
AILUMINATE_HAZARDS: Final = MappingProxyType(
    {
        "vcr": "violence",
        "ssh": "self_harm",
        "iwp": "weapons",
        "hte": "hate",
        "sxc_prn": "sexual",
    }
)


def davidson(folder: Path) -> Iterator[RawPost]:
    """``data/labeled_data.csv``: class 0 hate, 1 offensive, 2 neither."""
    for number, row in enumerate(table_rows(folder / "data/labeled_data.csv")):
        yield RawPost(str(number), row["tweet"], labels=DAVIDSON_CLASSES[row["class"]], lang="en")


def tweeteval_hate(folder: Path) -> Iterator[RawPost]:
    """``datasets/hate``: 1 is hateful."""
    return _tweeteval(folder / "datasets/hate", "hate")


def tweeteval_offensive(folder: Path) -> Iterator[RawPost]:
    """``datasets/offensive``: 1 is offensive."""
    return _tweeteval(folder / "datasets/offensive", "toxicity")


def _tweeteval(folder: Path, category: str) -> Iterator[RawPost]:
    for part, split in (("train", TRAIN), ("val", DEV)):
        with (
            open_text(folder / f"{part}_text.txt") as texts,
            open_text(folder / f"{part}_labels.txt") as labels,
        ):
            for number, (text, label) in enumerate(zip_longest(texts, labels)):
                if text is None or label is None:
                    raise DatasetError(f"{folder}: {part} has not as many labels as texts")
                yield RawPost(
                    f"{part}-{number}", text, labels={category: int(label)}, lang="en", split=split
                )


def cold(folder: Path) -> Iterator[RawPost]:
    """``COLDataset/{train,dev}.csv``: 1 is offensive."""
    for split in (TRAIN, DEV):
        for number, row in enumerate(table_rows(folder / f"COLDataset/{split}.csv")):
            labels = {"toxicity": int(row["label"])}
            yield RawPost(f"{split}-{number}", row["TEXT"], labels=labels, lang="zh", split=split)


def hatemoji_build(folder: Path) -> Iterator[RawPost]:
    """``HatemojiBuild/{train,validation}.csv``: ``label_gold`` 1 is hateful."""
    for part, split in (("train", TRAIN), ("validation", DEV)):
        for row in table_rows(folder / f"HatemojiBuild/{part}.csv"):
            labels = {"hate": int(row["label_gold"])}
            yield RawPost(row["entry_id"], row["text"], labels=labels, lang="en", split=split)


def ethos(folder: Path) -> Iterator[RawPost]:
    """``ethos/ethos_data``: shares of annotators; violence is asked of hateful comments only."""
    data = folder / "ethos/ethos_data"
    for number, row in enumerate(table_rows(data / "Ethos_Dataset_Binary.csv", delimiter=";")):
        labels = {"hate": int(float(row["isHate"]) >= MAJORITY)}
        yield RawPost(f"binary-{number}", row["comment"], labels=labels, lang="en")
    for number, row in enumerate(table_rows(data / "Ethos_Dataset_Multi_Label.csv", delimiter=";")):
        labels = {"violence": int(float(row["violence"]) >= MAJORITY)}
        yield RawPost(f"multi-{number}", row["comment"], labels=labels, lang="en")


def vicomtech(folder: Path) -> Iterator[RawPost]:
    """``annotations_metadata.csv`` and ``sampled_train``: hate or noHate; the rest is left out."""
    require(folder / "sampled_train")
    for row in table_rows(folder / "annotations_metadata.csv"):
        path = folder / "sampled_train" / f"{row['file_id']}.txt"
        label = VICOMTECH_LABELS.get(row["label"])
        if path.exists() and label is not None:
            yield RawPost(
                row["file_id"], path.read_text("utf-8"), labels={"hate": label}, lang="en"
            )


def surge_toxicity(folder: Path) -> Iterator[RawPost]:
    """``toxicity_en.csv``: ``Toxic`` or ``Not Toxic``."""
    for number, row in enumerate(table_rows(folder / "toxicity_en.csv")):
        labels = {"toxicity": int(row["is_toxic"].strip() == "Toxic")}
        yield RawPost(str(number), row["text"], labels=labels, lang="en")


def sms_spam(folder: Path) -> Iterator[RawPost]:
    """``spam.csv``, in Latin-1: ``spam`` or ``ham``."""
    for number, row in enumerate(table_rows(folder / "spam.csv", encoding="latin-1")):
        labels = {"spam": int(row["v1"] == "spam")}
        yield RawPost(str(number), row["v2"], labels=labels, lang="en")


def twitter_suicidal(folder: Path) -> Iterator[RawPost]:
    """``twitter-suicidal_data.csv``: intention 1 speaks of suicide."""
    for number, row in enumerate(table_rows(folder / "twitter-suicidal_data.csv")):
        labels = {"self_harm": int(row["intention"])}
        yield RawPost(str(number), row["tweet"], labels=labels, lang="en")


def ailuminate(folder: Path) -> Iterator[RawPost]:
    """The English and French demo prompts; five hazards are categories of ours.

    A prompt of another hazard says nothing sure of our categories and is left out, and so is
    anything about the abuse of children.
    """
    for lang, locale in (("en", "en_us"), ("fr", "fr_fr")):
        path = folder / f"airr_official_1.0_demo_{locale}_prompt_set_release.csv"
        for row in table_rows(path):
            category = AILUMINATE_HAZARDS.get(row["hazard"])
            if category is not None:
                yield RawPost(
                    row["release_prompt_id"], row["prompt_text"], labels={category: 1}, lang=lang
                )


def sentence_templates(folder: Path) -> Iterator[RawPost]:
    """``sentence_templates/en_sentence_templates.csv``: a sample, even over class and template."""
    groups = defaultdict(list)
    for row in table_rows(folder / "sentence_templates/en_sentence_templates.csv"):
        groups[row["toxicity"], row["template"]].append(row["phrase"])
    for (toxicity, template), phrases in sorted(groups.items()):
        share = SENTENCE_TEMPLATES_KEPT // 2 // sum(1 for kind, _ in groups if kind == toxicity)
        phrases.sort(key=lambda phrase: crc32(phrase.encode()))
        for number, phrase in enumerate(phrases[:share]):
            labels = {"toxicity": int(toxicity == "toxic")}
            yield RawPost(f"{toxicity}-{template}-{number}", phrase, labels=labels, lang="en")
