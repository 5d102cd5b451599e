"""An explanation as one picture that a reviewer can read from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PIL import Image

from moderation.inference import Explanation
from moderation.media import DecodedPost
from schemas import Modality, NotScanned
from workers.offline.explanation_panels import (
    SMALL_PX,
    SOFT,
    TEXT_PX,
    TITLE_PX,
    WIDTH,
    Line,
    Style,
    legend_panel,
    lines_panel,
    picture_panel,
    scores_panel,
    shares_panel,
    sound_panel,
    title_panel,
    words_panel,
)
from workers.offline.fonts import Fonts, find_fonts
from workers.offline.heat import scale_of
from workers.places import place_words

MARGIN_PX: Final = 48
GAP_PX: Final = 14

NO_CHINESE_FONT: Final = (
    "This machine has no font with Chinese characters, so boxes stand for them; Debian has one as "
    "fonts-noto-cjk."
)


def draw_explanation(
    explanation: Explanation, post: DecodedPost, version: str, fonts: Fonts | None = None
) -> Image.Image:
    """Draw it.

    Args:
        explanation: of the post.
        post: what was explained.
        version: of the model.
        fonts: those of the machine if left out.
    """
    style = Style(fonts or find_fonts(), scale_of(explanation.greatest))
    panels = list(_panels(explanation, post, version, style))
    height = sum(panel.height + GAP_PX for panel in panels) - GAP_PX
    page = Image.new("RGB", (WIDTH + 2 * MARGIN_PX, height + 2 * MARGIN_PX), "white")
    y = MARGIN_PX
    for panel in panels:
        page.paste(panel, (MARGIN_PX, y))
        y += panel.height + GAP_PX
    return page


def missing_font(post: DecodedPost, fonts: Fonts) -> str | None:
    """What to say where the post has Chinese and the machine has no font for it."""
    texts = [post.text or "", *(found.text for found in post.found_texts)]
    return NO_CHINESE_FONT if any(map(fonts.lacks, texts)) else None


def _panels(
    explanation: Explanation, post: DecodedPost, version: str, style: Style
) -> Iterator[Image.Image]:
    scores, category = explanation.scores, explanation.category
    name = category.replace("_", " ")
    where = place_words(scores.places[category])
    yield lines_panel(
        [
            Line(f"{name.capitalize()}  {scores.scores[category]:.2f}", TITLE_PX + 12, bold=True),
            Line(f"Strongest in {where}.", TEXT_PX),
            Line(f"Post {post.post_id}, scored by {version}", SMALL_PX, colour=SOFT),
        ],
        style,
    )
    yield scores_panel(scores.scores, category, style)
    yield title_panel("Which modality carries it", "by leaving one out", style)
    yield shares_panel(scores.shares[category], style)
    yield title_panel("Which parts carry it", "by hiding them one after the other", style)
    yield legend_panel(name, style)
    yield from _texts(explanation, post, style)
    yield from _media(explanation, post, style)
    notes = _notes(post, scores.not_scanned, style)
    yield lines_panel([Line(note, SMALL_PX, colour=SOFT) for note in notes], style)


def _texts(explanation: Explanation, post: DecodedPost, style: Style) -> Iterator[Image.Image]:
    if post.text:
        yield title_panel("Text", "", style)
        yield words_panel(post.text, explanation.words, style)
    found_texts = explanation.scores.found_texts
    for found, words in zip(found_texts, explanation.found_words, strict=True):
        if found.text:
            verb = "read" if found.modality is Modality.IMAGE else "heard"
            yield title_panel(f"Words {verb} in {found.modality} {found.index + 1}", "", style)
            yield words_panel(found.text, words, style)


def _media(explanation: Explanation, post: DecodedPost, style: Style) -> Iterator[Image.Image]:
    for number, (pixels, weights) in enumerate(zip(post.images, explanation.images, strict=True)):
        place = post.place(Modality.IMAGE, number)
        note = f"strongest patch {weights.max():+.2f} log-odds"
        yield title_panel(f"Image {place + 1}", note, style)
        yield picture_panel(pixels, weights, style)
    for number, (samples, weights) in enumerate(zip(post.audio, explanation.sounds, strict=True)):
        place = post.place(Modality.AUDIO, number)
        note = (
            f"steps of {explanation.seconds_a_step[number]:.2g} s, strongest "
            f"{weights.max():+.2f} log-odds"
        )
        yield title_panel(f"Audio {place + 1}", note, style)
        yield sound_panel(samples, weights, style)


def _notes(post: DecodedPost, gaps: tuple[NotScanned, ...], style: Style) -> Iterator[str]:
    yield (
        "A part's weight is by how much the log-odds of the category fall when it is hidden. "
        "What stands twice is underrated: hiding one of two changes little."
    )
    for gap in gaps:
        what = "the text" if gap.modality is Modality.TEXT else f"{gap.modality} {gap.index + 1}"
        yield f"Not scanned of {what}: {gap.detail or gap.reason}."
    if (missing := missing_font(post, style.fonts)) is not None:
        yield missing
