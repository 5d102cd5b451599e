"""One full example of every message, with each optional field set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from schemas import (
    TOPICS,
    Action,
    Appeal,
    AuthorSignals,
    Campaign,
    DeadLetter,
    DecisionOrigin,
    ErrorClass,
    Escalation,
    Header,
    Media,
    Message,
    Modality,
    ModelFolder,
    ModelRollout,
    NotScanned,
    NotScannedReason,
    Place,
    PolicyBundle,
    PolicyFile,
    Post,
    QuotaRecord,
    Reason,
    ReasonKind,
    ReviewDecision,
    RuleHit,
    Sampling,
    ShadowVerdict,
    Timings,
    Topic,
    Verdict,
    VerdictStatus,
    Versions,
    bundle_hash,
    verdict_id,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

POST = Post(
    post_id="post-1",
    revision=2,
    author_id="author-1",
    created_at=NOON,
    surface="feed",
    language="en-GB",
    region="GB",
    text="A walk by the river, 下雨了.",
    images=(
        Media(data=b"\x89PNG", media_type="image/png"),
        Media(key="2026/03/river.jpg", sha256="0" * 64),
    ),
    audio=(Media(url="https://media.example/river.ogg"),),
    reach=1_200,
)

VERDICT = Verdict(
    verdict_id=verdict_id(
        "post-1", 2, "compact@sha256:0123456789ab", "default@sha256:ba9876543210"
    ),
    post_id="post-1",
    revision=2,
    author_id="author-1",
    status=VerdictStatus.DEGRADED,
    action=Action.REVIEW,
    model_action=Action.ALLOW,
    scores={"toxicity": 0.25, "spam": 0.5},
    reasons=(
        Reason(
            kind=ReasonKind.MODEL,
            action=Action.LIMIT,
            category="spam",
            score=0.5,
            threshold=0.4,
            shares={Modality.TEXT: 0.75, Modality.IMAGE: 0.25},
            place=Place(modality=Modality.TEXT, start=3, end=22),
        ),
        Reason(kind=ReasonKind.FAIL_SETTING, action=Action.REVIEW, detail="audio 0: unreachable"),
    ),
    rule_hits=(RuleHit(rule="link-flood", mode="shadow"),),
    labels=("link-heavy",),
    not_scanned=(
        NotScanned(
            modality=Modality.AUDIO,
            index=0,
            reason=NotScannedReason.UNREACHABLE,
            detail="media.example did not answer",
        ),
    ),
    modalities=(Modality.TEXT, Modality.IMAGE),
    versions=Versions(
        model="compact@sha256:0123456789ab",
        policy="default@sha256:ba9876543210",
        banks={"known": "1"},
    ),
    timings=Timings(record_age=0.2, stages={"model": 0.1}),
    sampling=Sampling(sampled=True, inclusion_probability=0.01),
    language="en-GB",
    region="GB",
    text_keys=("c7ef4a849b2963fd",),
    decided_at=NOON,
)

POLICY_FILES = (
    PolicyFile(path="default.yaml", text="policy: default\n"),
    PolicyFile(path="default.cases.yaml", text="cases: []\n"),
    PolicyFile(path="lists/slurs.txt", text="# 一行一词\nexample\n"),
)

EXAMPLES: dict[str, Message] = {
    TOPICS.posts.name: POST,
    TOPICS.retry.name: POST,
    TOPICS.verdicts.name: VERDICT,
    TOPICS.shadow_verdicts.name: ShadowVerdict(
        verdict_id=VERDICT.verdict_id,
        post_id="post-1",
        revision=2,
        author_id="author-1",
        status=VerdictStatus.DEGRADED,
        versions=Versions(
            model="compact@sha256:fedcba987654",
            policy="default@sha256:ba9876543210",
            banks={"known": "1"},
        ),
        action=Action.LIMIT,
        model_action=Action.LIMIT,
        scores={"toxicity": 0.25, "spam": 0.5},
        model_scores={"toxicity": 0.25, "spam": 0.45},
        live_model=VERDICT.versions.model,
        live_action=Action.REVIEW,
        live_model_scores={"toxicity": 0.25, "spam": 0.75},
        share=0.1,
        sampling=VERDICT.sampling,
        modalities=VERDICT.modalities,
        language="en-GB",
        decided_at=NOON,
    ),
    TOPICS.escalations.name: Escalation(
        verdict=VERDICT,
        post=POST,
        queue="default",
        priority=3.5,
        escalated_at=NOON,
        due_at=NOON + timedelta(hours=4),
    ),
    TOPICS.review_decisions.name: ReviewDecision(
        decision_id=UUID(int=7),
        verdict_id=VERDICT.verdict_id,
        post_id="post-1",
        revision=2,
        author_id="author-1",
        reviewer="reviewer-1f2e",
        action=Action.LIMIT,
        machine_action=Action.REVIEW,
        categories=("spam",),
        note="Advertises the same shop for the third time.",
        origin=DecisionOrigin.APPEAL,
        reverses=VERDICT.verdict_id,
        claimed_at=NOON,
        decided_at=NOON + timedelta(minutes=1),
    ),
    TOPICS.appeals.name: Appeal(
        appeal_id=UUID(int=8),
        verdict=VERDICT,
        post=POST,
        statement="It is a poem, 一首诗.",
        submitted_at=NOON + timedelta(days=1),
    ),
    TOPICS.author_signals.name: AuthorSignals(
        author_id="author-1",
        posts=12,
        removals=1,
        strikes=1,
        posts_last_hour=3,
        campaign=Campaign(authors=24, posts=30, until=NOON + timedelta(hours=6)),
        updated_at=NOON,
    ),
    TOPICS.quotas.name: QuotaRecord(
        policy="default",
        rule="slur_listed",
        posts=5_000,
        per_seconds=3_600.0,
        outcome=Action.REMOVE,
        resets=1,
        worker="host-1-0123abcd",
        used={29_540_160: 12, 29_540_161: 3},
        at=NOON,
    ),
    TOPICS.policies.name: PolicyBundle(
        name="default",
        version="default@sha256:ba9876543210",
        policy=POLICY_FILES[0],
        cases=POLICY_FILES[1],
        lists=POLICY_FILES[2:],
        content_hash=bundle_hash(POLICY_FILES),
        published_at=NOON,
    ),
    TOPICS.model_rollouts.name: ModelRollout(
        group="moderator",
        live=ModelFolder(name="compact-2026-02", digest="sha256:" + "0" * 64),
        candidate=ModelFolder(name="compact-2026-03", digest="sha256:" + "1" * 64),
        candidate_share=0.1,
        compared_share=0.05,
        previous=ModelFolder(name="compact-2026-01", digest="sha256:" + "2" * 64),
        can_go_back=True,
        by="operator",
        at=NOON,
    ),
    TOPICS.dead_letter.name: DeadLetter(
        topic="posts",
        partition=3,
        offset=41,
        timestamp=NOON,
        key=b"author-1",
        value=b"{\xff",
        headers=(Header(name="traceparent", value=b"00-00"),),
        error_class=ErrorClass.NOT_JSON,
        reason="not JSON: invalid UTF-8 at byte 1",
        failed_at=NOON,
    ),
}


def example_of(topic: Topic) -> Message:
    return EXAMPLES[topic.name]


def decision_on(verdict: Verdict, action: Action, **changes: Any) -> ReviewDecision:
    """Somebody's, on what a machine said."""
    values: dict[str, Any] = {
        "decision_id": uuid4(),
        "verdict_id": verdict.verdict_id,
        "post_id": verdict.post_id,
        "revision": verdict.revision,
        "author_id": verdict.author_id,
        "reviewer": "r",
        "action": action,
        "machine_action": verdict.action,
    }
    return ReviewDecision(**values | changes)
