"""One line an answer: what was posted, what the verdict is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

from schemas import (
    Action,
    NotScanned,
    Post,
    Reason,
    ReasonKind,
    Verdict,
    VerdictStatus,
)
from workers.demo.records import Record
from workers.demo.sample_posts import Group, Sample
from workers.demo.tally import Question, Tally

MODALITY_SIGNS: Final = "¶ text  ▣ picture  ♪ sound"

ACTION_STYLES: Final[dict[str, str]] = {
    Action.ALLOW: "green",
    Action.LIMIT: "yellow",
    Action.REVIEW: "magenta",
    Action.REMOVE: "red",
    "dead letter": "bold red",
}
GROUP_STYLES: Final[dict[Group, str]] = {
    Group.HARMLESS: "green",
    Group.BORDERLINE: "yellow",
    Group.HARMFUL: "red",
    Group.MALFORMED: "cyan",
}

_EXCERPT_BYTES: Final = 200  # of a record that is no post; wider than any column
_QUIET_SCORE: Final = 0.05  # below, a score is noise and only fills the screen


@dataclass(frozen=True, slots=True)
class Sent:
    """A sample, its record, and the question that the record asks."""

    sample: Sample
    record: Record
    asked: Question


def header() -> Table:
    """The titles of the columns."""
    grid = _grid()
    titles = ("post", "has", "text", "a person says", "action", "top score", "why")
    grid.add_row(*(Text(title, style="bold") for title in titles))
    return grid


def answer_row(sent: Sent, tally: Tally) -> Table:
    """The line of an answered record."""
    row = _grid()
    letter = tally.dead_letters.get(sent.asked)
    if letter is None:
        verdict = tally.verdicts[sent.asked]
        post = Post.from_bytes(sent.record.value)
        signs, text = modality_signs(post), post.text or ""
        action, score, reason = verdict.action.value, _top_score(verdict), why(verdict)
    else:
        signs, text = "", sent.record.value[:_EXCERPT_BYTES].decode(errors="replace")
        action, score, reason = "dead letter", "", f"{letter.error_class}: {letter.reason}"
    row.add_row(
        Text(str(sent.asked)),
        Text(signs),
        Text(" ".join(text.split())),
        Text(sent.sample.group, style=GROUP_STYLES[sent.sample.group]),
        action_text(action),
        Text(score),
        Text(reason),
    )
    return row


def modality_signs(post: Post) -> str:
    """``¶`` for text, ``▣`` for each picture, ``♪`` for each sound."""
    return ("¶" if post.text else "") + "▣" * len(post.images) + "♪" * len(post.audio)


def why(verdict: Verdict) -> str:
    """The reasons that carried the action, then what was not scanned."""
    if verdict.status is VerdictStatus.WITHDRAWN:
        return "withdrawn by its author"
    decisive = [reason for reason in verdict.reasons if reason.action is verdict.action]
    parts = [_reason(reason) for reason in decisive if reason.kind is not ReasonKind.FAIL_SETTING]
    parts += [_not_scanned(piece) for piece in verdict.not_scanned]
    return "; ".join(parts)


def action_text(action: str) -> Text:
    """The action in its colour."""
    return Text(action, style=ACTION_STYLES[action])


def _grid() -> Table:
    # Every line is a table of its own, so the columns are measured from the console alone.
    grid = Table.grid(padding=(0, 1), expand=True)
    for width, ratio in (
        (14, None),
        (4, None),
        (None, 5),
        (13, None),
        (11, None),
        (15, None),
        (None, 4),
    ):
        grid.add_column(width=width, ratio=ratio, no_wrap=True, overflow="ellipsis")
    return grid


def _top_score(verdict: Verdict) -> str:
    if not verdict.scores:
        return ""
    category, score = max(verdict.scores.items(), key=lambda item: item[1])
    return f"{category} {score:.2f}" if score >= _QUIET_SCORE else ""


def _reason(reason: Reason) -> str:
    if reason.kind is ReasonKind.MODEL and reason.score is not None:
        share = ""
        if reason.shares and len(reason.shares) > 1:
            modality, part = max(reason.shares.items(), key=lambda item: item[1])
            share = f", {part:.0%} from {modality}"
        limit = "" if reason.threshold is None else f" ≥ {reason.threshold:.2f}"
        return f"{reason.category} {reason.score:.2f}{limit}{share}"
    name = reason.rule or reason.bank or reason.category or ""
    return f"{reason.kind} {name}".strip()


def _not_scanned(piece: NotScanned) -> str:
    return f"{piece.modality} {piece.index + 1} not scanned: {piece.reason}"
