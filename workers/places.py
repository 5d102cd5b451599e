"""How a place in a post is said to a person."""

from __future__ import annotations

from schemas import Modality, Place


def place_words(place: Place) -> str:
    """Where in the post: *characters 121 to 460 of the text*, *the words heard in audio 1*."""
    if place.modality is Modality.TEXT:
        medium = "the text"
    else:
        medium = f"{place.modality} {place.index + 1}"
    if place.words:
        verb = "read" if place.modality is Modality.IMAGE else "heard"
        return f"the words {verb} in {medium}"
    if place.start is None or place.end is None:
        return medium
    if place.modality is Modality.TEXT:
        return f"characters {place.start + 1:.0f} to {place.end:.0f} of {medium}"
    return f"seconds {place.start:g} to {place.end:g} of {medium}"
