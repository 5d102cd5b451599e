"""The parts of a text are the text, whatever places the reasons name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas import Action, Modality, Place, Reason, ReasonKind
from workers.review.web.marking import TextPart, text_parts

PLACES = st.builds(
    Place,
    modality=st.sampled_from(Modality),
    start=st.none() | st.floats(0, 60),
    end=st.none() | st.floats(0, 60),
    words=st.booleans(),
)


def reason(place: Place | None) -> Reason:
    return Reason(kind=ReasonKind.MODEL, action=Action.REVIEW, place=place)


@given(st.text(max_size=50), st.lists(PLACES, max_size=4))
def test_nothing_is_lost_or_added(text: str, places: list[Place]) -> None:
    parts = text_parts(text, [reason(place) for place in places] + [reason(None)])
    assert "".join(part.text for part in parts) == text


def test_overlapping_places_are_one_mark() -> None:
    places = [Place(modality=Modality.TEXT, start=s, end=e) for s, e in ((1, 3), (2, 4), (9, 99))]
    parts = text_parts("abcdefgh", [reason(place) for place in places])
    assert parts == [
        TextPart("a", marked=False),
        TextPart("bcd", marked=True),
        TextPart("efgh", marked=False),
    ]
