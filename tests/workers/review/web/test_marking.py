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
QUOTED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def reason(place: Place | None) -> Reason:
    return Reason(kind=ReasonKind.MODEL, action=Action.REVIEW, place=place)


@given(st.text(max_size=50), st.lists(PLACES, max_size=4), QUOTED)
def test_nothing_is_lost_or_added(text: str, places: list[Place], quote: str) -> None:
    reasons = [reason(place) for place in places] + [quoting(f"list: “{quote}”")]
    parts = text_parts(text, reasons)
    assert "".join(part.text for part in parts) == text


def test_overlapping_places_are_one_mark() -> None:
    places = [Place(modality=Modality.TEXT, start=s, end=e) for s, e in ((1, 3), (2, 4), (9, 99))]
    parts = text_parts("abcdefgh", [reason(place) for place in places])
    assert parts == [
        TextPart("a", strongest=False, quoted=False),
        TextPart("bcd", strongest=True, quoted=False),
        TextPart("efgh", strongest=False, quoted=False),
    ]


def quoting(detail: str) -> Reason:
    return Reason(kind=ReasonKind.RULE, action=Action.REVIEW, rule="spam", detail=detail)


def test_every_occurrence_of_what_a_rule_quotes_is_marked() -> None:
    detail = "at least review; trick: “rich (quick)”; links: “say “hi””"
    parts = text_parts("rich (quick), say “hi”, rich (quick)", [quoting(detail)])
    assert [part.text for part in parts if part.quoted] == [
        "rich (quick)",
        "say “hi”",
        "rich (quick)",
    ]
    assert not any(part.strongest for part in parts)


def test_where_a_place_and_a_quote_meet_both_are_marked() -> None:
    place = Place(modality=Modality.TEXT, start=0, end=4)
    parts = text_parts("abcdef", [reason(place), quoting("list: “cdef”")])
    assert [(part.text, part.strongest, part.quoted) for part in parts] == [
        ("ab", True, False),
        ("cd", True, True),
        ("ef", False, True),
    ]


def test_of_a_masked_text_quotes_alone_are_marked() -> None:
    place = Place(modality=Modality.TEXT, start=0, end=4)
    reasons = [reason(place), quoting("a: “jo@example.org”; b: “rich”")]
    parts = text_parts("[mail address] gets rich", reasons, masked=True)
    assert [(part.text, part.quoted) for part in parts] == [
        ("[mail address] gets ", False),
        ("rich", True),
    ]
    assert not any(part.strongest for part in parts)
