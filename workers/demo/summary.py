"""The end of the demo: who was treated how, and each malformed record with its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas import Action
from workers.demo.answer_rows import Sent, action_text
from workers.demo.sample_posts import Answer, Group, MalformedExpectation, PostExpectation
from workers.demo.tally import Question, Tally

_OUTCOMES: Final = (*(action.value for action in Action), "dead letter")


@dataclass(frozen=True, slots=True)
class MalformedAnswer:
    """What a malformed record got, beside what it had to get."""

    kind: str
    answer: Answer | None
    """None where it was answered in a way that no malformed record should be."""
    reason: str
    detail: str
    as_expected: bool


def malformed_answer(
    expected: MalformedExpectation, asked: Question, tally: Tally
) -> MalformedAnswer:
    """How a malformed record was answered.

    The answer of a duplicate is the verdict of the record that it repeats: it must have one id.
    """
    answer: Answer | None = None
    reason = detail = ""
    if letter := tally.dead_letters.get(asked):
        answer, reason, detail = Answer.DEAD_LETTER, letter.error_class.value, letter.reason
    elif verdict := tally.verdicts.get(asked):
        if verdict.not_scanned:
            piece = verdict.not_scanned[0]
            answer, reason, detail = Answer.DEGRADED, piece.reason.value, piece.detail or ""
        elif len(tally.verdict_ids[asked]) == 1:
            answer, detail = Answer.SAME_VERDICT, f"verdict {verdict.verdict_id}"
    wanted = (expected.answer, expected.reason or "")
    return MalformedAnswer(expected.kind, answer, reason, detail, (answer, reason) == wanted)


def print_summary(console: Console, sent: Sequence[Sent], tally: Tally) -> None:
    """Print both tables."""
    console.print()
    console.print(_by_group(sent, tally))
    console.print()
    console.print(_malformed(sent, tally))


def _by_group(sent: Sequence[Sent], tally: Tally) -> Table:
    table = Table(title="What a person says, and what the machine did", title_justify="left")
    table.add_column("a person says")
    for outcome in _OUTCOMES:
        table.add_column(action_text(outcome), justify="right")
    table.add_column("all", justify="right")
    for group in Group:
        asked = {one.asked for one in sent if one.sample.group is group}
        if group is Group.MALFORMED:  # the duplicate is counted as the post that it repeats
            asked -= {one.asked for one in sent if isinstance(one.sample.expected, PostExpectation)}
        outcomes = Counter(_outcome(question, tally) for question in asked)
        counts = [str(outcomes[outcome] or "·") for outcome in _OUTCOMES]
        table.add_row(group.value, *counts, str(len(asked)))
    return table


def _malformed(sent: Sequence[Sent], tally: Tally) -> Table:
    table = Table(title="Malformed records, and their answers", title_justify="left")
    for title in ("", "what is wrong", "answer", "reason", "in words"):
        table.add_column(title)
    for one in sent:
        if not isinstance(one.sample.expected, MalformedExpectation):
            continue
        got = malformed_answer(one.sample.expected, one.asked, tally)
        mark = Text("✓", style="green") if got.as_expected else Text("✗", style="bold red")
        kind, answer = (
            Text((word or "other").replace("_", " ")) for word in (got.kind, got.answer)
        )
        table.add_row(mark, kind, answer, Text(got.reason), Text(got.detail))
    return table


def _outcome(asked: Question, tally: Tally) -> str:
    if asked in tally.dead_letters:
        return "dead letter"
    verdict = tally.verdicts.get(asked)
    return verdict.action.value if verdict else "none"
