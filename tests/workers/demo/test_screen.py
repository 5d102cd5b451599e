"""What a person reads: one line an answer, and the two tables at the end."""

from __future__ import annotations

import io

from rich.console import Console

from schemas import (
    Action,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    Post,
    Reason,
    ReasonKind,
    Verdict,
    VerdictStatus,
)
from tests.workers.demo.answers import dead_letter, post, verdict
from workers.demo.answer_rows import Sent, answer_row, modality_signs, why
from workers.demo.records import Record
from workers.demo.sample_posts import Answer, Group, MalformedExpectation, PostExpectation, Sample
from workers.demo.screen import make_console
from workers.demo.summary import malformed_answer, print_summary
from workers.demo.tally import Place, Question, Revision, Tally

MISSED = NotScanned(modality=Modality.IMAGE, reason=NotScannedReason.UNDECODABLE, detail="broken")
BROKEN = b'{"post_id": "p-9", "te'


def sent_post(one: Post, group: Group) -> Sent:
    expected = PostExpectation(post_id=one.post_id, group=group, about="a test")
    value = one.to_bytes()
    return Sent(Sample(value, expected), Record(b"ana", value), Revision(one.post_id, 1))


def sent_malformed(value: bytes, asked: Question, **expected: object) -> Sent:
    expectation = MalformedExpectation.model_validate({"kind": "a_kind", **expected})
    return Sent(Sample(value, expectation), Record(None, value), asked)


def shown(*renderables: object, width: int = 150) -> str:
    screen = Console(file=io.StringIO(), width=width)
    screen.print(*renderables)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_signs_tell_what_a_post_holds() -> None:
    picture, sound = Media(key="a.png"), Media(key="a.ogg")
    assert modality_signs(post(text="hi", images=(picture, picture), audio=(sound,))) == "¶▣▣♪"
    assert modality_signs(post(audio=(sound,))) == "♪"


def test_the_reason_names_the_score_its_threshold_and_the_loudest_modality() -> None:
    reason = Reason(
        kind=ReasonKind.MODEL,
        action=Action.REMOVE,
        category="toxicity",
        score=0.93,
        threshold=0.8,
        shares={Modality.TEXT: 0.75, Modality.IMAGE: 0.25},
    )
    milder = reason.model_copy(update={"action": Action.REVIEW, "threshold": 0.5})
    given = verdict(action=Action.REMOVE, reasons=(reason, milder))
    assert why(given) == "toxicity 0.93 ≥ 0.80, 75% from text"


def test_the_reason_of_a_rule_is_its_name() -> None:
    reason = Reason(kind=ReasonKind.RULE, action=Action.REVIEW, rule="known-scam")
    assert why(verdict(action=Action.REVIEW, reasons=(reason,))) == "rule known-scam"


def test_what_was_not_scanned_is_said_even_beside_another_reason() -> None:
    rule = Reason(kind=ReasonKind.RULE, action=Action.REVIEW, rule="known-scam")
    fail = Reason(kind=ReasonKind.FAIL_SETTING, action=Action.REVIEW)
    given = verdict(
        action=Action.REVIEW,
        status=VerdictStatus.DEGRADED,
        reasons=(rule, fail),
        not_scanned=(MISSED,),
    )
    assert why(given) == "rule known-scam; image 1 not scanned: undecodable"


def test_an_answer_is_one_line_with_text_action_and_score() -> None:
    one = sent_post(post("p-1", text="You are\na clown " * 20), Group.HARMFUL)
    tally = Tally()
    tally.add_verdict(verdict("p-1", action=Action.REMOVE, scores={"toxicity": 0.91, "hate": 0.2}))
    line = shown(answer_row(one, tally))
    assert line.count("\n") == 1
    for cell in ("p-1", "¶", "You are a clown", "harmful", "remove", "toxicity 0.91"):
        assert cell in line


def test_a_dead_letter_shows_the_record_and_its_reason() -> None:
    asked = Place(2, 5)
    tally = Tally()
    tally.add_dead_letter(dead_letter(partition=2, offset=5, value=BROKEN, reason="no JSON"))
    line = shown(answer_row(sent_malformed(BROKEN, asked, answer="dead_letter"), tally))
    for cell in ("malformed", "dead letter", "not_json: no JSON", '{"post_id"'):
        assert cell in line


def test_a_narrow_terminal_still_gets_one_line_an_answer() -> None:
    tally = Tally()
    tally.add_verdict(verdict("p-1"))
    one = sent_post(
        post("p-1", text="今天终于把阳台的花都种好了，等春天开花。" * 3), Group.HARMLESS
    )
    assert shown(answer_row(one, tally), width=80).count("\n") == 1


def test_a_malformed_record_is_held_against_what_it_had_to_get() -> None:
    expected = MalformedExpectation.model_validate(
        {"kind": "truncated_image", "answer": "degraded", "reason": "undecodable"}
    )
    asked = Revision("p-1", 1)

    def answer(given: Verdict) -> tuple[Answer | None, str, bool]:
        tally = Tally()
        tally.add_verdict(given)
        got = malformed_answer(expected, asked, tally)
        return got.answer, got.reason, got.as_expected

    degraded = verdict(status=VerdictStatus.DEGRADED, not_scanned=(MISSED,))
    assert answer(degraded) == (Answer.DEGRADED, "undecodable", True)
    gone = MISSED.model_copy(update={"reason": NotScannedReason.MISSING})
    other = verdict(status=VerdictStatus.DEGRADED, not_scanned=(gone,))
    assert answer(other) == (Answer.DEGRADED, "missing", False)
    assert answer(verdict()) == (Answer.SAME_VERDICT, "", False)


def test_a_duplicate_must_not_get_a_second_verdict() -> None:
    expected = MalformedExpectation(kind="duplicate", answer=Answer.SAME_VERDICT)
    asked = Revision("p-1", 1)
    tally = Tally()
    tally.add_verdict(verdict("p-1"))
    tally.add_verdict(verdict("p-1"))
    assert malformed_answer(expected, asked, tally).as_expected
    second = verdict("p-1").model_copy(update={"verdict_id": verdict("p-2").verdict_id})
    tally.add_verdict(second)
    assert not malformed_answer(expected, asked, tally).as_expected


def test_the_summary_counts_every_question_once() -> None:
    harmless = sent_post(post("p-1"), Group.HARMLESS)
    harmful = sent_post(post("p-2"), Group.HARMFUL)
    duplicate = sent_malformed(
        harmless.record.value, harmless.asked, kind="duplicate", answer="same_verdict"
    )
    broken = sent_malformed(
        BROKEN, Place(0, 0), kind="broken_json", answer="dead_letter", reason="not_json"
    )
    tally = Tally()
    tally.add_verdict(verdict("p-1"))
    tally.add_verdict(verdict("p-2", action=Action.REMOVE))
    tally.add_dead_letter(dead_letter(value=BROKEN))
    screen = Console(file=io.StringIO(), width=150)
    print_summary(screen, [harmless, harmful, duplicate, broken], tally)
    assert isinstance(screen.file, io.StringIO)
    rows = {
        cells[0]: cells[1:]
        for line in screen.file.getvalue().splitlines()
        if len(cells := [cell.strip() for cell in line.strip("│").split("│")]) > 5
    }
    assert rows["harmless"] == ["1", "·", "·", "·", "·", "1"]
    assert rows["harmful"] == ["·", "·", "·", "1", "·", "1"]
    assert rows["malformed"] == ["·", "·", "·", "·", "1", "1"]


def test_a_pipe_gets_neither_colours_nor_cursor_movements() -> None:
    screen = make_console()
    assert not screen.is_terminal
    assert screen.width == 150
