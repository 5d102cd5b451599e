from __future__ import annotations

import pytest

from schemas import Action, Modality, Place, Reason, ReasonKind
from workers.places import place_words
from workers.review.web.words import reason_words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(modality=Modality.TEXT), "the text"),
        (Place(modality=Modality.TEXT, start=120, end=460), "characters 121 to 460 of the text"),
        (Place(modality=Modality.IMAGE, index=1), "image 2"),
        (Place(modality=Modality.AUDIO, start=5, end=7.5), "seconds 5 to 7.5 of audio 1"),
        (Place(modality=Modality.IMAGE, words=True), "the words read in image 1"),
        (Place(modality=Modality.AUDIO, index=2, words=True), "the words heard in audio 3"),
    ],
)
def test_a_place_is_said_as_a_person_counts(place: Place, words: str) -> None:
    assert place_words(place) == words


def test_a_reason_says_where_the_category_is_strongest() -> None:
    reason = Reason(
        kind=ReasonKind.MODEL,
        action=Action.REVIEW,
        category="self_harm",
        score=0.93,
        threshold=0.8,
        place=Place(modality=Modality.IMAGE, index=1),
    )

    assert reason_words(reason) == "Self harm · 93 %, threshold 80 % · strongest in image 2"
