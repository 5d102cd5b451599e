"""A clone of a public repository becomes rows: cleaned, screened, without copies, split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zlib import crc32

from moderation.evaluation import DEV, TRAIN, Row
from moderation.training.datasets.cleaning import (
    clean,
    duplicate_key,
    sexualises_minors,
    tells_of_a_minor,
)
from moderation.training.datasets.errors import DatasetError
from moderation.training.datasets.raw import RawPost
from moderation.training.datasets.table import SETS

DEV_PERCENT: Final = 5  # by hash, where a set has no split of its own


@dataclass(frozen=True, slots=True)
class Built:
    """The rows of a set, and how many posts were left out for which reason."""

    rows: list[Row]
    left_out: Mapping[str, int] = field(default_factory=dict)


def build_dataset(name: str, folder: Path, *, media: Path, without: Iterable[Row] = ()) -> Built:
    """Read a clone.

    Args:
        name: of the set, as in :data:`SETS`.
        folder: the clone.
        media: where pictures and sounds are written to, if the set has any.
        without: rows whose texts must not come up again, such as a test set.

    Raises:
        DatasetError: no such set, or the folder is not such a clone.
    """
    if name not in SETS:
        raise DatasetError(f"there is no set {name!r}; choose of {', '.join(SETS)}")
    forbidden = {duplicate_key(row.text) for row in without if row.text}
    try:
        return _build(name, SETS[name].read(folder, media), forbidden)
    except (KeyError, ValueError, OSError) as error:
        raise DatasetError(
            f"{folder}: not in the format of {SETS[name].repository} at commit "
            f"{SETS[name].commit} ({error!r}); check out that commit"
        ) from error


def _build(name: str, posts: Iterable[RawPost], forbidden: set[str]) -> Built:
    left_out: Counter[str] = Counter()
    rows: dict[str, Row] = {}
    contradicted: set[str] = set()
    for post in posts:
        text = clean(post.text) if post.text is not None else None
        if reason := _objection(post, text, forbidden):
            left_out[reason] += 1
            continue
        key = duplicate_key(text) if text and not post.image else f"{name}-{post.name}"
        known = rows.get(key)
        if known is None:
            rows[key] = _row(name, post, text, key)
            continue
        left_out["duplicate"] += 1
        if any(known.labels.get(label, value) != value for label, value in post.labels.items()):
            contradicted.add(key)
        rows[key] = _merged(known, post)
    left_out["conflict"] = len(contradicted)
    return Built([row for key, row in rows.items() if key not in contradicted], +left_out)


def _objection(post: RawPost, text: str | None, forbidden: set[str]) -> str | None:
    if text is None:
        return None
    if not duplicate_key(text):
        return "empty"
    if sexualises_minors(text):
        return "words for minors and sexual words"
    if "self_harm" in post.labels and tells_of_a_minor(text):
        return "author under 18"
    return "in an excluded manifest" if duplicate_key(text) in forbidden else None


def _row(name: str, post: RawPost, text: str | None, key: str) -> Row:
    return Row(
        id=f"{name}-{post.name}",
        text=text,
        image=post.image,
        audio=post.audio,
        labels=dict(post.labels),
        lang=post.lang,
        source=name,
        split=post.split or _split(post.group or key),
        event=post.event,
    )


def _merged(known: Row, post: RawPost) -> Row:
    """One row of two copies; what the set itself keeps for dev stays there."""
    split = DEV if DEV in (known.split, post.split) else known.split
    values = {"labels": {**known.labels, **post.labels}, "split": split}
    return Row(**{slot: values.get(slot, getattr(known, slot)) for slot in Row.__slots__})


def _split(group: str) -> str:
    return DEV if crc32(group.encode()) % 100 < DEV_PERCENT else TRAIN
