"""From the console's records to what the API gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from schemas import Action, AuthorSignals, Escalation, Modality, Verdict
from workers.review.store import BLIND, AppealRow, Item, ItemKind, ItemState, Viewed
from workers.review.store.tables import Decision
from workers.review.web.api.item_models import (
    AlikeItem,
    AuthorShown,
    Decided,
    Earlier,
    ItemDetail,
    ItemSummary,
    KnownMatch,
    MachineSaid,
    ReasonShown,
)
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.record_models import AppealShown
from workers.review.web.clauses import clauses
from workers.review.web.known_content import entries
from workers.review.web.mates import other_pictures
from workers.review.web.views import category_choices

Shown = Callable[[str], str]
"""Masks what the viewer may not see."""
KindName = Literal["escalation", "second opinion", "disagreement", "appeal"]

KIND_NAMES: Final[Mapping[str, KindName]] = {
    ItemKind.FIRST: "escalation",
    ItemKind.GOLDEN: "escalation",  # whoever is to judge it must not know
    ItemKind.SECOND: "second opinion",
    ItemKind.SENIOR: "disagreement",
    ItemKind.APPEAL: "appeal",
}


def item_summary(item: Item, now: datetime, alike: int) -> ItemSummary:
    """The item as a list has it; ``alike`` counts what it stands for beside itself."""
    blind = item.kind in BLIND
    return ItemSummary(
        item_id=item.verdict_id,
        kind=KIND_NAMES[item.kind],
        queue=item.queue,
        category=None if blind else item.category,
        score=None if blind else item.score,
        machine_action=None if blind else item.machine_action,
        language=item.language,
        surface=item.surface,
        reach=item.reach,
        escalated_at=item.escalated_at,
        due_at=item.due_at,
        state=ItemState(item.state),
        held=item.lease_until is not None and item.lease_until > now,
        alike=alike,
    )


def item_detail(viewed: Viewed, shown: Shown, now: datetime, *, personal_data: bool) -> ItemDetail:
    """The item with its post; ``personal_data`` says whether the viewer may know whose it is."""
    item, content = viewed.item, viewed.content
    plea = viewed.appeal.statement if viewed.appeal else None
    text = content.post.text if content else None
    blind = item.kind in BLIND
    return ItemDetail(
        **item_summary(item, now, len(viewed.mates)).model_dump(),
        text=None if text is None else shown(text),
        media=_media(item, content),
        erased=content is None,
        content_hash=item.content_hash,
        decision=_decided(viewed.decision) if content is None else None,
        categories=[choice.name for choice in category_choices(content.verdict)] if content else [],
        clauses=clauses(item.kind, content.verdict) if content else [],
        machine=None
        if content is None or blind
        else _machine(content.verdict, shown, personal_data=personal_data),
        earlier=[
            Earlier(
                about=past.about,
                action=Action(past.action),
                categories=list(past.categories),
                note=past.note,
                decided_at=past.decided_at,
            )
            for past in viewed.earlier
        ],
        plea=None if plea is None else shown(plea),
        alike_items=[
            AlikeItem(
                item_id=mate.item.verdict_id,
                post_id=mate.item.post_id,
                same=mate.same,
                shown=mate.is_shown,
                text=None if mate.text is None else shown(mate.text),
                media=list(other_pictures(mate, API_PREFIX)),
            )
            for mate in viewed.mates
        ],
    )


def appeal_shown(appeal: AppealRow, shown: Shown) -> AppealShown:
    """The appeal, its words masked."""
    given = AppealShown.model_validate(appeal, extra="ignore")
    if given.statement is None:
        return given
    return given.model_copy(update={"statement": shown(given.statement)})


def _machine(verdict: Verdict, shown: Shown, *, personal_data: bool) -> MachineSaid:
    trace = verdict.trace
    return MachineSaid(
        action=verdict.action,
        scores=verdict.scores,
        reasons=[
            ReasonShown(
                kind=reason.kind,
                action=reason.action,
                category=reason.category,
                rule=reason.rule,
                bank=reason.bank,
                score=reason.score,
                threshold=reason.threshold,
                distance=reason.distance,
                shares=reason.shares,
                detail=None if reason.detail is None else shown(reason.detail),
            )
            for reason in verdict.reasons
        ],
        rules=list(verdict.rule_hits),
        known=[
            KnownMatch(
                bank=bank,
                entry=entry,
                part=find.modality,
                index=find.index,
                distance=find.distance,
                quarantined=find.quarantined,
                doubted=find.doubted,
            )
            for bank, entry, find in entries(verdict)
        ],
        mismatch=trace.mismatch if trace else {},
        author=_author(trace.author, personal_data=personal_data)
        if trace and trace.author
        else None,
        not_scanned=[
            piece.model_copy(update={"detail": shown(piece.detail)}) if piece.detail else piece
            for piece in verdict.not_scanned
        ],
        model=verdict.versions.model,
        policy=verdict.versions.policy,
    )


def _decided(decision: Decision | None) -> Decided | None:
    if decision is None:
        return None
    return Decided(action=Action(decision.action), categories=decision.categories)


def _author(signals: AuthorSignals, *, personal_data: bool) -> AuthorShown:
    told = AuthorShown.model_validate(signals, extra="ignore")
    return told if personal_data else told.model_copy(update={"author_id": None})


def _media(item: Item, content: Escalation | None) -> list[str]:
    if content is None:
        return []
    counts = {Modality.IMAGE: len(content.post.images), Modality.AUDIO: len(content.post.audio)}
    return [
        f"{API_PREFIX}/items/{item.verdict_id}/media/{modality}/{index}"
        for modality, count in counts.items()
        for index in range(count)
    ]
