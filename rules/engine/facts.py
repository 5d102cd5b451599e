"""What conditions can know: every fact of a policy, by its dotted name.

Facts are declared to CEL one by one, so that a misspelt one is an error when the policy is loaded.
Only those that some condition names are computed for a post.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cel_expr_python import cel

from rules.engine.bank_facts import bank_facts
from rules.engine.document import AudienceSettings, PolicyDocument
from rules.engine.fact import Fact, FactView
from rules.engine.references import CEL_RESERVED
from rules.engine.text_facts import TEXT_FACTS, list_facts
from schemas import AuthorSignals, Campaign, NotScannedReason


def declare_facts(document: PolicyDocument) -> dict[str, Fact]:
    """Every fact of a policy, by dotted name."""
    facts = {**_FIXED, **TEXT_FACTS}
    for reason in NotScannedReason:
        facts[f"not_scanned.{reason.value}"] = Fact(
            cel.Type.INT, f"parts not scanned: {reason.value}", _gap_counter(reason)
        )
    for category, settings in document.categories.items():
        if settings.scored:
            facts[f"scores.{category}"] = Fact(
                cel.Type.DOUBLE, f"probability of {category}", _score_reader(category)
            )
    for name, audience in document.audiences.items():
        facts[f"post.audience.{name}"] = Fact(
            cel.Type.BOOL, f"whether its surface is made for {name}", _audience_reader(audience)
        )
    # Of a list of names conditions ask by its function.
    facts |= list_facts(name for name, one in document.lists.items() if one.names is None)
    facts |= bank_facts(document.banks)
    # A name that CEL keeps for itself is a mistake of its own, told elsewhere.
    return {name: fact for name, fact in facts.items() if _can_be_named(name)}


def _can_be_named(fact: str) -> bool:
    return CEL_RESERVED.isdisjoint(fact.split("."))


def _score_reader(category: str) -> Callable[[FactView], object]:
    return lambda view: view.case.scores.get(category)


def _gap_counter(reason: NotScannedReason) -> Callable[[FactView], object]:
    return lambda view: sum(part.reason is reason for part in view.case.not_scanned)


def _audience_reader(audience: AudienceSettings) -> Callable[[FactView], object]:
    surfaces = frozenset(audience.surfaces)
    return lambda view: view.case.post.surface in surfaces


def _author(read: Callable[[AuthorSignals], int]) -> Callable[[FactView], object]:
    return lambda view: 0 if view.case.author is None else read(view.case.author)


def _campaign(read: Callable[[Campaign], int]) -> Callable[[FactView], object]:
    def count(view: FactView) -> int:
        campaign = None if view.case.author is None else view.case.author.campaign
        return 0 if campaign is None or campaign.until <= view.case.now else read(campaign)

    return count


def _mismatch_reader(pair: str) -> Callable[[FactView], object]:
    return lambda view: view.case.mismatch.get(pair)


_INT: Final = cel.Type.INT
_STRING: Final = cel.Type.STRING
_BOOL: Final = cel.Type.BOOL
_DOUBLE: Final = cel.Type.DOUBLE

_FIXED: Final[Mapping[str, Fact]] = {
    "post.id": Fact(_STRING, "id of the post", lambda v: v.case.post.post_id),
    "post.author_id": Fact(_STRING, "id of the author", lambda v: v.case.post.author_id),
    "post.revision": Fact(_INT, "1 for a new post", lambda v: v.case.post.revision),
    "post.surface": Fact(_STRING, "where it was posted", lambda v: v.case.post.surface),
    "post.language": Fact(_STRING, "tag, or ''", lambda v: v.case.post.language or ""),
    "post.region": Fact(_STRING, "ISO 3166 code, or ''", lambda v: v.case.post.region or ""),
    "post.reach": Fact(_INT, "people it may reach", lambda v: v.case.post.reach),
    "post.created_at": Fact(
        cel.Type.TIMESTAMP, "when it was posted", lambda v: v.case.post.created_at
    ),
    "post.age": Fact(
        cel.Type.DURATION,
        "from posting to the decision",
        lambda v: v.case.now - v.case.post.created_at,
    ),
    "now": Fact(cel.Type.TIMESTAMP, "moment of the decision", lambda v: v.case.now),
    "now.hour": Fact(_INT, "hour of the day, 0 to 23, UTC", lambda v: v.utc.hour),
    "now.weekday": Fact(
        _INT, "1 for Monday to 7 for Sunday (ISO 8601), UTC", lambda v: v.utc.isoweekday()
    ),
    "author.known": Fact(
        _BOOL, "false when the ledger knows nothing", lambda v: v.case.author is not None
    ),
    "author.posts": Fact(_INT, "posts with a verdict", _author(lambda a: a.posts)),
    "author.removals": Fact(_INT, "posts removed", _author(lambda a: a.removals)),
    "author.strikes": Fact(
        _INT, "restrictions that a reviewer decided", _author(lambda a: a.strikes)
    ),
    "author.overturned": Fact(
        _INT, "machine verdicts made milder", _author(lambda a: a.overturned)
    ),
    "author.posts_last_hour": Fact(
        _INT, "posts in the last hour", _author(lambda a: a.posts_last_hour)
    ),
    "author.campaign_authors": Fact(
        _INT,
        "authors who lately posted nearly the same as this one",
        _campaign(lambda c: c.authors),
    ),
    "author.campaign_posts": Fact(
        _INT,
        "posts that lately said nearly the same as one of theirs",
        _campaign(lambda c: c.posts),
    ),
    "highest_score": Fact(
        _DOUBLE, "of all categories", lambda v: max(v.case.scores.values(), default=None)
    ),
    "images.count": Fact(_INT, "pictures in the post", lambda v: len(v.case.post.images)),
    "audio.count": Fact(_INT, "sounds in the post", lambda v: len(v.case.post.audio)),
    "mismatch.text_image": Fact(
        _DOUBLE,
        "probability that text and pictures do not belong together; unknown without both",
        _mismatch_reader("text_image"),
    ),
    "mismatch.text_audio": Fact(
        _DOUBLE,
        "probability that text and sounds do not belong together; unknown without both",
        _mismatch_reader("text_audio"),
    ),
    "mismatch.image_audio": Fact(
        _DOUBLE,
        "probability that pictures and sounds do not belong together; unknown without both",
        _mismatch_reader("image_audio"),
    ),
    "mismatch.highest": Fact(
        _DOUBLE,
        "of all pairs that were compared, 0.0 where none was",
        lambda v: max(v.case.mismatch.values(), default=0.0),
    ),
    "not_scanned.count": Fact(
        _INT, "parts of the post that were not scanned", lambda v: len(v.case.not_scanned)
    ),
}
