"""Folds: near duplicates stay together, labels are spread, figures are per fold."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest

from moderation.evaluation import FoldsError, Row, Scored, assign_folds, category_figures
from moderation.evaluation.folds import fold_figures, group_key, spread

pytest.importorskip("sklearn", reason="scikit-learn comes with the extra train")


def posts(count: int) -> list[Row]:
    draw = np.random.default_rng(1)
    letters = list(string.ascii_lowercase)
    return [
        Row(
            id=str(number),
            text="".join(draw.choice(letters, 12)),
            labels={"spam": int(number % 4 == 0)},
            source="a" if number % 2 else "b",
        )
        for number in range(count)
    ]


def test_near_duplicates_share_a_fold() -> None:
    rows = posts(60)
    twins = [
        Row(id=f"t{n}", text=f"@you {r.text.upper()}!! 7", labels={}) for n, r in enumerate(rows)
    ]
    assigned = assign_folds([*rows, *twins])
    assert np.array_equal(assigned[:60], assigned[60:])


def test_posts_without_words_are_grouped_by_their_media() -> None:
    one, two = Row("1", image=Path("a.png")), Row("2", text="!!", image=Path("a.png"))
    assert group_key(one) == group_key(two) != group_key(Row("3", image=Path("b.png")))
    assert group_key(Row("4", text="你好 世界")) == group_key(Row("5", text="你好，世界。"))


def test_every_fold_has_its_share_of_rows_and_positives() -> None:
    rows = posts(200)
    assigned = assign_folds(rows, folds=5)
    positive = np.array([row.labels["spam"] for row in rows])
    for fold in range(5):
        assert (assigned == fold).sum() == pytest.approx(40, abs=4)
        assert positive[assigned == fold].sum() == pytest.approx(10, abs=3)


def test_the_seed_decides_the_folds() -> None:
    rows = posts(50)
    assert np.array_equal(assign_folds(rows, seed=1), assign_folds(rows, seed=1))
    assert not np.array_equal(assign_folds(rows, seed=1), assign_folds(rows, seed=2))


def test_posts_that_are_all_labelled_differently_are_dealt_all_the_same() -> None:
    rows = [Row(str(n), text=letter * 3, source=letter) for n, letter in enumerate("abcdef")]
    assert np.bincount(assign_folds(rows, folds=3)).tolist() == [2, 2, 2]


@pytest.mark.parametrize(("rows", "folds"), [(posts(3), 5), (posts(10), 1), (posts(1) * 9, 3)])
def test_too_few_groups_are_refused(rows: list[Row], folds: int) -> None:
    with pytest.raises(FoldsError, match=f"{folds} folds"):
        assign_folds(rows, folds=folds)


def test_figures_of_a_fold_are_those_of_its_rows() -> None:
    rows = posts(80)
    scored = Scored.of(rows, np.random.default_rng(2).random((80, 1)), ["spam"])
    assigned = assign_folds(rows, folds=4)
    found = fold_figures(scored, assigned, {"spam": 0.5})["spam"]["auroc"]
    alone = [
        category_figures(*scored.take(assigned == fold).labelled("spam")).auroc for fold in range(4)
    ]
    assert found.values == alone
    assert found.mean == pytest.approx(np.mean([value or 0 for value in alone]), abs=1e-4)


def test_a_fold_without_a_value_is_left_out_of_the_mean() -> None:
    found = spread([0.4, float("nan"), 0.6])
    assert found.values == [0.4, None, 0.6]
    assert found.mean == 0.5
    assert found.deviation == pytest.approx(0.1414)
    assert spread([float("nan")]).mean is None
