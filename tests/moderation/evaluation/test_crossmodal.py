"""Composed posts, and the study of fusions on them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from moderation.evaluation import DEV, TRAIN, EvaluationError, Row
from moderation.evaluation.crossmodal import COMPOSED, SENTENCES, ComposedFold, compose
from moderation.evaluation.crossmodal_study import SINGLE, CrossmodalStudy, study_fusions
from moderation.evaluation.grammar import read_grammar
from moderation.model import tiny_classifier
from moderation.training.templates import language_grammar

ANIMALS = ("n01440764", "n02510455")
THINGS = "n03792782"


def pictures() -> list[Row]:
    rows = [
        Row(f"guns-{n}-0-{view}", image=Path(f"{n}-{view}"), labels={"weapons": 1}, split=split)
        for split, numbers in ((TRAIN, range(60)), (DEV, range(60, 120)))
        for n in numbers
        for view in ("tight", "wide")
    ]
    rows += [
        Row(f"imagenet-n0{n}", image=Path(f"n0{n}"), labels={"weapons": 0}, split=split)
        for split, numbers in ((TRAIN, range(1440764, 1440864)), (DEV, range(2000000, 2000100)))
        for n in numbers
    ]
    return [*rows, Row(f"imagenet-{THINGS}", image=Path(THINGS), labels={"weapons": 0})]


@pytest.fixture(scope="module")
def folds() -> list[ComposedFold]:
    return compose(pictures(), seed=1)


def test_every_text_and_every_picture_is_as_often_harmful_as_harmless(
    folds: list[ComposedFold],
) -> None:
    for fold in folds:
        for rows in (fold.train, fold.test):
            for piece in ("text", "image"):
                counts = Counter((getattr(row, piece), row.labels[COMPOSED]) for row in rows)
                for name, _ in counts:
                    assert counts[name, 0] == counts[name, 1], name


def test_an_offer_is_harmful_beside_a_gun_and_a_likeness_beside_an_animal(
    folds: list[ComposedFold],
) -> None:
    for row in folds[0].test:
        harmful = row.source in {"composed_offer_gun", "composed_likeness_animal"}
        assert row.labels == {COMPOSED: int(harmful)}
        assert str(row.image).startswith("n0") != row.source.endswith("gun")


def test_training_and_test_share_no_text_and_no_original_picture(folds: list[ComposedFold]) -> None:
    for fold in folds:
        assert not {row.text for row in fold.train} & {row.text for row in fold.test}
        originals = [
            {str(row.image).split("-", 1)[0] for row in rows} for rows in (fold.train, fold.test)
        ]
        assert not originals[0] & originals[1]


def test_each_fold_tests_other_posts(folds: list[ComposedFold]) -> None:
    tested = [{(row.text, row.image) for row in fold.test} for fold in folds]
    assert len(set.union(*tested)) == sum(map(len, tested))


def test_neither_tools_nor_other_pictures_are_used(folds: list[ComposedFold]) -> None:
    assert not [row for fold in folds for row in fold.train if row.image == Path(THINGS)]


def test_no_sentence_stands_in_the_training_grammars() -> None:
    known = {p for g in language_grammar("en").groups.values() for p in g.patterns}
    own = {p for g in read_grammar([SENTENCES]).groups.values() for p in g.patterns}
    assert own
    assert not own & known


def test_pictures_without_guns_are_refused() -> None:
    with pytest.raises(EvaluationError, match="no picture of a gun in split 'train'"):
        compose([row for row in pictures() if not row.labels["weapons"]])


def squares(folder: Path, count: int) -> list[Row]:
    paths = {}
    for name, shade in (("light", 255), ("dark", 0)):
        paths[name] = folder / f"{name}.png"
        Image.fromarray(np.full((32, 32, 3), shade, np.uint8)).save(paths[name])
    return [
        Row(f"{n}-{text}-{name}", text=text, image=paths[name], labels={COMPOSED: label})
        for n in range(count)
        for text, name, label in (
            ("yes yes yes", "light", 1),
            ("yes yes yes", "dark", 0),
            ("who is there", "light", 0),
            ("who is there", "dark", 1),
        )
    ]


def test_a_fusion_learns_what_no_single_modality_can(tmp_path: Path) -> None:
    fold = ComposedFold(train=squares(tmp_path, 250), test=squares(tmp_path, 2))
    study = study_fusions(tiny_classifier(), [fold], fusions=["concat"])
    assert study.accuracy == {
        "concat": [1.0],
        "text alone": [0.5],
        "image alone": [0.5],
    }


def test_the_best_fusion_is_compared_fold_by_fold() -> None:
    pytest.importorskip("scipy", reason="the t-test is scipy's, of the extra train")
    study = CrossmodalStudy(
        {
            "concat": [0.8, 0.9, 0.85],
            "weighted": [0.6, 0.6, 0.6],
            "late": [0.55, 0.5, 0.45],
            **{name: [0.5, 0.5, 0.5] for name in SINGLE},
        }
    )
    assert study.fused == "concat"
    test = study.compared_with("late")
    assert test.folds == 3
    assert test.difference == pytest.approx(0.35)
    assert test.p is not None
    assert test.p < 0.05
