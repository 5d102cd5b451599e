"""What the processes' own words mean together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from workers.fleet.parts import Bank, Kind, Process, Quota
from workers.fleet.reading import Labels, Said
from workers.fleet.warnings import warnings


@dataclass(frozen=True, slots=True)
class Fleet:
    """All processes, and what is wrong with them."""

    processes: Sequence[Process]
    quotas: Sequence[Quota]
    banks: Sequence[Bank]
    warnings: Sequence[str]

    @property
    def reached(self) -> bool:
        """At least one process answered."""
        return any(process.state != "gone" for process in self.processes)


def fleet(answers: Sequence[Said]) -> Fleet:
    """Put answers together."""
    processes = [_process(said) for said in answers]
    quotas = sorted(_quotas(answers), key=lambda quota: quota.rule)
    banks = sorted(_banks(answers), key=lambda bank: bank.name)
    alone = [said.address for said in answers if said.total("moderation_quotas_alone")]
    return Fleet(processes, quotas, banks, list(warnings(processes, quotas, banks, alone)))


def _process(said: Said) -> Process:
    if said.error is not None:
        return Process(said.address, Kind.UNKNOWN, "gone", (said.error,))
    kind = _kind(said)
    done, waiting = _FIGURES[kind]
    since = max((value for _, value in said.series(_SINCE)), default=0.0)
    return Process(
        address=said.address,
        kind=kind,
        state="ready" if said.ready else "not ready",
        notes=(*said.reasons, *said.remarks),
        program=_label(said, "moderation_build_info", "version"),
        model=_label(said, "moderation_model_info", "version"),
        candidate=_label(said, "moderation_candidate_info", "version"),
        candidate_share=said.total("moderation_candidate_share_ratio"),
        compared_share=said.total("moderation_compared_share_ratio"),
        policy=_label(said, "moderation_policy_info", "version"),
        policy_since=datetime.fromtimestamp(since, UTC) if since else None,
        waiting=None if waiting is None else int(_waiting(said, waiting)),
        done=int(said.total(done)) if done else 0,
    )


OPEN: Final = "open"
_SINCE: Final = "moderation_policy_activated_timestamp_seconds"
_FIGURES: Final[Mapping[Kind, tuple[str | None, str | None]]] = {
    Kind.WORKER: ("moderation_verdicts_total", "moderation_consumer_lag_records"),
    Kind.LEDGER: ("moderation_ledger_verdicts_total", None),
    Kind.CONSOLE: ("moderation_review_decisions_total", "moderation_review_items"),
    Kind.UNKNOWN: (None, None),
}


def _waiting(said: Said, name: str) -> float:
    """All series of a worker; of the console's, which are items by state, the open ones."""
    return sum(value for labels, value in said.series(name) if labels.get("state", OPEN) == OPEN)


def _kind(said: Said) -> Kind:
    for kind, metric in (
        (Kind.WORKER, "moderation_records_consumed_total"),
        (Kind.LEDGER, "moderation_ledger_authors"),
        (Kind.CONSOLE, "moderation_review_items"),
    ):
        if said.series(metric):
            return kind
    return Kind.UNKNOWN


def _label(said: Said, metric: str, label: str) -> str:
    """The label of the series that is 1: an info metric keeps the former ones at 0, or none."""
    return next((labels[label] for labels, value in said.series(metric) if value), "")


def _quotas(answers: Sequence[Said]) -> Iterator[Quota]:
    tokens: dict[str, list[tuple[float, float, bool]]] = {}
    for said in answers:
        figures = {
            name: {
                labels["rule"]: value for labels, value in said.series(f"moderation_quota_{name}")
            }
            for name in ("posts", "tokens_left", "tripped")
        }
        for rule, posts in figures["posts"].items():
            left = figures["tokens_left"].get(rule, posts)
            tripped = bool(figures["tripped"].get(rule))
            tokens.setdefault(rule, []).append((left, posts, tripped))
    for rule, views in tokens.items():
        yield Quota(
            rule,
            left=min(left for left, _, _ in views),
            of=max(posts for _, posts, _ in views),
            tripped=any(tripped for _, _, tripped in views),
        )


def _banks(answers: Sequence[Said]) -> Iterator[Bank]:
    oldest: dict[str, Bank] = {}
    for said in answers:
        entries, within = (
            _by("bank", said.series(f"moderation_bank_{name}"))
            for name in ("entries", "renew_within_seconds")
        )
        for labels, age in said.series("moderation_bank_age_seconds"):
            name = labels["bank"]
            if name not in oldest or age > oldest[name].age_seconds:
                stale = age > within.get(name, float("inf"))
                oldest[name] = Bank(name, int(entries.get(name, 0)), age, stale)
    yield from oldest.values()


def _by(label: str, series: Sequence[tuple[Labels, float]]) -> dict[str, float]:
    return {labels[label]: value for labels, value in series}


def as_json(found: Fleet) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "processes": [
            {
                "address": process.address,
                "kind": process.kind,
                "state": process.state,
                "notes": list(process.notes),
                "program": process.program or None,
                "model": process.model or None,
                "candidate": process.candidate or None,
                "candidate_share": process.candidate_share,
                "compared_share": process.compared_share,
                "policy": process.policy or None,
                "policy_since": process.policy_since and process.policy_since.isoformat(),
                "waiting": process.waiting,
                "done": process.done,
            }
            for process in found.processes
        ],
        "quotas": [
            {"rule": one.rule, "left": one.left, "of": one.of, "tripped": one.tripped}
            for one in found.quotas
        ],
        "banks": [
            {
                "name": one.name,
                "entries": one.entries,
                "age_seconds": one.age_seconds,
                "stale": one.stale,
            }
            for one in found.banks
        ],
        "warnings": list(found.warnings),
    }
