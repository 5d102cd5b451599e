"""The interface speaks English and Chinese, and leaves nothing out in either."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

from schemas import CATEGORIES, CATEGORY_MEANINGS, Action, NotScannedReason, ReasonKind
from tests.workers.review.samples import escalation
from tests.workers.review.web.conftest import Visitor
from workers.review import web
from workers.review.app import ReviewProcess
from workers.review.store import AuditEvent, Role
from workers.review.web.languages import Language, catalogue, translator
from workers.review.web.views import KIND_TAGS
from workers.review.web.words import NOT_SCANNED_WORDS, duration, label

ITEM = escalation().verdict.verdict_id
WEB = Path(web.__file__).parent
CHINESE = catalogue(Language.CHINESE)
CALL = re.compile(r'\bt\(\s*"([^"]+)"')
CHOSEN = re.compile(r"t\(\{(.*?)\}", re.DOTALL)
SAID = re.compile(r':\s*"([^"]+)"')


def sentences() -> set[str]:
    """What templates and code say through the translator."""
    found = set()
    for file in (*WEB.glob("templates/*.html"), *WEB.glob("*.py")):
        source = file.read_text(encoding="utf-8")
        found |= set(CALL.findall(source))
        for chosen in CHOSEN.findall(source):
            found |= set(SAID.findall(chosen))
    names = [*CATEGORIES, *Role, *AuditEvent, *ReasonKind]
    return found | {label(name) for name in names} | set(Action) | set(KIND_TAGS.values())


def test_every_sentence_has_its_chinese() -> None:
    assert len(sentences()) > 200
    assert sentences() - CHINESE.keys() == set()
    assert set(NOT_SCANNED_WORDS.values()) <= CHINESE.keys()
    assert set(NOT_SCANNED_WORDS) == set(NotScannedReason)
    assert set(CATEGORY_MEANINGS.values()) <= CHINESE.keys()


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_both_have_the_same_places_to_fill_in(english: str) -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert fields(english) == fields(CHINESE[english])


async def test_the_browsers_wish_is_followed_and_a_choice_outweighs_it(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    wish = {"Accept-Language": "fr;q=0.9, zh-CN, en"}
    chinese = await reviewer.get(f"/items/{ITEM}", headers=wish)
    assert '<html lang="zh-Hans">' in chinese.text
    for said in ("入列原因", "辱骂", "机器拿不准", "领取"):
        assert said in chinese.text
    assert "Why it is here" not in chinese.text

    await reviewer.post("/wellbeing/language", language="en")
    assert "Why it is here" in (await reviewer.get(f"/items/{ITEM}", headers=wish)).text
    await reviewer.post("/wellbeing/language", language="zh")
    assert "队列为空" not in (await reviewer.get("/")).text
    assert "等待中" in (await reviewer.get("/")).text
    refused = await reviewer.post("/wellbeing/language", language="xx")
    assert refused.status_code == 400


async def test_the_wellbeing_page_shows_the_day_and_takes_consent(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    await reviewer.claim(ITEM)
    page = (await reviewer.get("/wellbeing")).text
    assert "Self harm" in page
    assert "I agree to see it" in page
    await reviewer.post("/wellbeing/consent")
    assert "You agreed on" in (await reviewer.get("/wellbeing")).text
    await reviewer.post("/wellbeing/withdraw")
    assert "I agree to see it" in (await reviewer.get("/wellbeing")).text


def test_durations_are_said_in_chinese() -> None:
    assert duration(timedelta(hours=3, minutes=5), translator(Language.CHINESE)) == "3 小时 5 分钟"
