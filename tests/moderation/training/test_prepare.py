"""What preparation changes in the public sets."""

from __future__ import annotations

from pathlib import Path

from moderation.evaluation import DEV, Row, read_manifest, write_manifest
from moderation.training.prepare import (
    PHOTOGRAPHS,
    TWEET_WORDS,
    WHOLE_POSTS,
    prepare,
    prepare_media,
    prepare_text,
)
from schemas import CATEGORIES


def test_self_harm_texts_are_cut_to_the_length_of_a_tweet() -> None:
    long = Row(id="1", text="word " * 300, labels={"self_harm": 1}, source="twitter_suicidal")
    (row,) = prepare_text([long])
    assert row.text is not None
    assert TWEET_WORDS[0] <= len(row.text.split()) <= TWEET_WORDS[1]


def test_a_silent_source_gets_zeros_only_where_no_word_of_the_list_occurs() -> None:
    rows = [
        Row(id="1", text="what a lovely day", labels={"toxicity": 0}, source="davidson"),
        Row(id="2", text="got the gun and the weed", labels={"toxicity": 0}, source="davidson"),
    ]
    harmless, open_ones = sorted(prepare_text(rows), key=lambda row: row.id)
    assert harmless.labels["weapons"] == harmless.labels["drugs"] == 0
    assert "weapons" not in open_ones.labels
    assert "drugs" not in open_ones.labels


def test_a_given_label_is_never_overwritten() -> None:
    row = Row(id="1", text="hello there", labels={"spam": 1}, source="sms_spam")
    assert prepare_text([row])[0].labels["spam"] == 1


def test_dev_rows_are_not_capped() -> None:
    rows = [
        Row(id=str(n), text=f"text {n}", labels={"toxicity": 1}, source="sentence_templates",
            split=DEV)
        for n in range(600)
    ]  # fmt: skip
    assert len(prepare_text(rows)) == 600


def test_a_gun_is_no_drug_but_may_be_violent() -> None:
    gun = Row(id="1", image=Path("a.jpg"), labels={"weapons": 1}, source="guns")
    (row,) = prepare_media([gun])
    assert row.labels["weapons"] == 1
    assert row.labels["drugs"] == 0
    assert "violence" not in row.labels


def test_everyday_sounds_are_harmless_in_every_category() -> None:
    (row,) = prepare_media([Row(id="1", audio=Path("a.ogg"), source="esc10")])
    assert row.labels == dict.fromkeys(CATEGORIES, 0)


def test_what_is_cut_is_kept_whole_for_measuring_and_not_for_training(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    text = "one word after the other " * 20
    for split in ("train", "dev"):
        row = Row(id=split, text=text, labels={"self_harm": 1}, source="twitter_suicidal")
        write_manifest(data / f"text/{split}.jsonl.gz", [row])
    _write_media(data, [])

    prepare(data, work)

    assert [row.text for row in read_manifest(work / WHOLE_POSTS)] == [text, text]
    taught = [row for path in work.glob("*.jsonl*") for row in read_manifest(path)]
    assert text not in {row.text for row in taught}
    assert len([row for row in taught if row.source == "twitter_suicidal"]) == 2


def test_photographs_for_research_only_are_measured_and_never_learnt_from(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    for split in ("train", "dev"):
        write_manifest(data / f"text/{split}.jsonl.gz", [])
    pictures = [
        Row(id=f"{source}-{split}", image=tmp_path / "a.jpg", labels={"weapons": 0}, source=source,
            split=split)
        for source in ("guns", "imagenet")
        for split in ("train", "dev")
    ]  # fmt: skip
    _write_media(data, pictures)

    prepare(data, work)

    taught = [row for path in work.glob("*.jsonl*") for row in read_manifest(path)]
    assert {row.id for row in taught if row.image} == {"guns-train", "guns-dev"}
    measured = read_manifest(work / PHOTOGRAPHS)
    assert {row.id for row in measured} == {"imagenet-train", "imagenet-dev"}


def _write_media(data: Path, pictures: list[Row]) -> None:
    write_manifest(data / "image/manifest.jsonl", pictures)
    for media in ("audio", "multimodal/memes"):
        write_manifest(data / media / "manifest.jsonl", [])
