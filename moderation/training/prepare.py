"""The public sets become training manifests: like lengths, capped sources, screened zeros.

``python -m moderation.training.prepare DATA OUTPUT`` reads the folder that its README describes as
"Training data" and writes ``text.jsonl.gz``, ``image.jsonl``, ``audio.jsonl`` and ``memes.jsonl``,
and under ``measured/`` what is for measuring alone. What it changes, and why, is said at each rule
below and in the model's card.
"""

from __future__ import annotations

import dataclasses
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from moderation.evaluation import DEV, TRAIN, Row, read_manifest, write_manifest
from moderation.training.templates import template_rows
from schemas import CATEGORIES

SEED: Final = 7
WHOLE_POSTS: Final = "measured/whole_posts.jsonl.gz"
"""What is cut below, uncut: for measuring, and out of reach of a run over ``*.jsonl*``."""

PHOTOGRAPHS: Final = "measured/photographs.jsonl"
"""Photographs that may be looked at for research only: no shipped number is fitted to them."""

RESEARCH_ONLY: Final = "imagenet"

TEMPLATES_PER_GROUP: Final = 350  # a quarter of the text: enough to teach, too few to dominate

# (source, toxicity label) -> rows kept. Davidson is 83 % toxic and its toxicity is mostly one
# swear word; the sentence templates are 3,788 variants of a few dozen sentences. COLD's long
# comments would be half of all tokens, for one category of one language.
ROWS_KEPT: Final = MappingProxyType(
    {
        ("cold", 0): 8000,
        ("cold", 1): 8000,
        ("davidson", 1): 6000,
        ("sentence_templates", 0): 500,
        ("sentence_templates", 1): 500,
    }
)

# In this set the harmful posts are long forum texts and the harmless ones short tweets; all are
# cut to the length of a tweet, so that length tells nothing.
CUT_TO_TWEETS: Final = "twitter_suicidal"
TWEET_WORDS: Final = (10, 30)

# Where a source is silent on a category and no word of that category's list occurs, the label is
# taken to be 0. Inferred, not annotated: without it a head has never seen another source's posts.
SCREEN: Final = MappingProxyType(
    {
        category: re.compile(words, re.IGNORECASE)
        for category, words in {
            "spam": r"http|www|\.com|free|win|won|prize|click|buy|sale|cash|offer|call|txt|claim|"
            r"subscri|follow|promo|earn|\$|£|免费|点击|加微信|优惠|赚|贷款|领取|群|链接",
            "drugs": r"drug|weed|coke|cocaine|meth|heroin|crack|pill|dope|high|smok|molly|xan|"
            r"blunt|kush|dealer|lean|trap|毒|冰|粉|嗨|大麻|麻|药|吸",
            "weapons": r"gun|rifle|pistol|shoot|shot|bomb|knife|weapon|ammo|bullet|glock|explo|"
            r"nra|arm|strap|枪|刀|弹|炸|武器|军",
            "self_harm": r"suicid|kill|die|dead|death|cut|harm|end it|alive|life|hang|hurt|pain|"
            r"自杀|死|割|跳楼|活|命",
            "sexual": r"sex|fuck|dick|cock|pussy|ass\b|porn|nude|naked|tit|boob|cum|suck|hoe|"
            r"slut|whore|bitch|horny|rape|gay|bed|thot|性|裸|色|操|逼|奸|床|婊|嫖|黄|炮|妓|骚|鸡",
            "violence": r"kill|die|dead|death|shoot|shot|beat|punch|hit|stab|burn|hang|murder|"
            r"attack|fight|blood|hurt|rape|bomb|destroy|smack|slap|gun|war\b|wipe|gas|"
            r"死|杀|打|砍|烧|炸|揍|血|灭|枪|刀|暴|战|弄|宰|揍",
        }.items()
    }
)
SCREENED_SOURCES: Final = frozenset(
    {
        "cold",
        "davidson",
        "hatemoji_build",
        "sentence_templates",
        "sms_spam",
        "surge_toxicity",
        "tweeteval_hate",
        "tweeteval_offensive",
        "twitter_suicidal",
        "vicomtech",
    }
)
INSULTING: Final = re.compile(
    r"fuck|shit|bitch|idiot|stupid|dumb|ass\b|asshole|hate|ugly|moron|bastard|cunt|loser|pig",
    re.IGNORECASE,
)

# Pictures of things, and sounds of animals, weather and digits: harmless but for what is labelled.
# A gun may well be part of a violent scene, so violence stays open there.
OBJECT_PICTURES: Final = frozenset({"guns", "imagenet"})


def prepare_text(rows: Iterable[Row], *, seed: int = SEED) -> list[Row]:
    """Cap sources, cut to like lengths, infer screened zeros. Dev rows are not capped."""
    draw = random.Random(seed)
    shuffled = list(rows)
    draw.shuffle(shuffled)
    kept: list[Row] = []
    counts: dict[tuple[str, int], int] = {}
    for row in shuffled:
        key = (row.source, row.labels.get("toxicity", 0))
        counts[key] = counts.get(key, 0) + (row.split == TRAIN)
        if row.split == TRAIN and counts[key] > ROWS_KEPT.get(key, len(shuffled)):
            continue
        kept.append(_with_screened_zeros(_cut(row, draw)))
    return kept


def prepare_media(rows: Iterable[Row]) -> list[Row]:
    """Say 0 for what pictures of objects and everyday sounds cannot be."""
    prepared = []
    for row in rows:
        zeros = dict.fromkeys(CATEGORIES, 0)
        if row.image and row.source not in OBJECT_PICTURES:
            zeros = {}
        if row.labels.get("weapons"):
            del zeros["violence"]
        prepared.append(dataclasses.replace(row, labels=zeros | dict(row.labels)))
    return prepared


def _cut(row: Row, draw: random.Random) -> Row:
    if row.source != CUT_TO_TWEETS or row.text is None:
        return row
    words = row.text.split()[: draw.randint(*TWEET_WORDS)]
    return dataclasses.replace(row, text=" ".join(words))


def _with_screened_zeros(row: Row) -> Row:
    if row.source not in SCREENED_SOURCES or row.text is None:
        return row
    text = row.text
    inferred = {category: 0 for category, words in SCREEN.items() if not words.search(text)}
    if row.source == "cold" and row.labels.get("toxicity") == 0:
        inferred["hate"] = 0  # what offends no group attacks none
    if row.source == "sms_spam" and not INSULTING.search(text):
        inferred |= {"toxicity": 0, "hate": 0}
    return dataclasses.replace(row, labels=inferred | dict(row.labels))


def prepare(data: Path, output: Path) -> None:
    """Write the four manifests, and beside them what is only measured."""
    text = read_manifest(data / "text/train.jsonl.gz", split=TRAIN)
    text += read_manifest(data / "text/dev.jsonl.gz", split=DEV)
    whole = (row for row in text if row.source == CUT_TO_TWEETS)
    write_manifest(
        output / WHOLE_POSTS,
        (dataclasses.replace(row, source=f"{CUT_TO_TWEETS}_whole") for row in whole),
    )
    templates = template_rows(per_group=TEMPLATES_PER_GROUP, seed=SEED)
    write_manifest(output / "text.jsonl.gz", prepare_text(text) + templates)
    pictures = prepare_media(read_manifest(data / "image/manifest.jsonl"))
    write_manifest(output / "image.jsonl", (row for row in pictures if row.source != RESEARCH_ONLY))
    write_manifest(output / PHOTOGRAPHS, (row for row in pictures if row.source == RESEARCH_ONLY))
    write_manifest(
        output / "audio.jsonl", prepare_media(read_manifest(data / "audio/manifest.jsonl"))
    )
    memes = read_manifest(data / "multimodal/memes/manifest.jsonl")
    write_manifest(
        output / "memes.jsonl", [dataclasses.replace(row, source="memes") for row in memes]
    )


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
