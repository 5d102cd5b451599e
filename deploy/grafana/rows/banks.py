"""What do the banks know? Their age and size, what they match, and what people say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.limits import BEHIND_LIMITS, FAILURE_LIMITS, TRIPPED_LIMITS
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.queries import WORKER, rate

_NO_BANK: Final = "no bank is loaded"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield number(
        "Banks behind",
        "How long a worker has not been able to load banks that changed; those before are in "
        "force. Its log says which file is wrong and where.",
        f"max(moderation_banks_behind_seconds{{{WORKER}}}) or vector(0)",
        unit="s",
        alert="ChangedBanksAreNotLoaded",
        limits=BEHIND_LIMITS,
    )
    yield number(
        "Failed look-ups, last hour",
        "Posts that could not be looked up. Their verdicts are degraded (bank_failed).",
        f"sum(increase(moderation_bank_lookup_failures_total{{{WORKER}}}[1h])) or vector(0)",
        unit="short",
        alert="BanksCannotBeAsked",
        limits=FAILURE_LIMITS,
    )
    yield number(
        "Banks missing",
        "Banks that the policy names and that are not loaded, or are of another kind. Rules that "
        "need one fail, and follow their fail setting.",
        f"sum(max by (bank) (moderation_policy_bank_missing{{{WORKER}}})) or vector(0)",
        unit="short",
        alert="PolicyNamesMissingBank",
        limits=TRIPPED_LIMITS,
    )
    yield number(
        "Entries in quarantine",
        "Entries that matched too many posts at once and ask for review at most, until somebody "
        "confirms or denies them.",
        f"sum(max by (bank) (moderation_bank_quarantined_entries{{{WORKER}}})) or vector(0)",
        unit="short",
        alert="BankEntryMatchesTooMuch",
        limits=FAILURE_LIMITS,
    )
    yield number(
        "Banks in doubt",
        "Banks of whose matches reviewers deny so many that they ask for review at most.",
        f"sum(max by (bank) (moderation_bank_doubted{{{WORKER}}})) or vector(0)",
        unit="short",
        alert="BankIsDoubted",
        limits=TRIPPED_LIMITS,
    )
    yield number(
        "Words not yet written",
        "Words of reviewers on matches that could not be written into the banks. They are safe on "
        "their topic; a lasting number means that no worker may write the folder.",
        f"max(moderation_bank_words_waiting{{{WORKER}}}) or vector(0)",
        unit="short",
        alert="BankWordsAreNotWritten",
        limits=FAILURE_LIMITS,
    )
    yield graph(
        "Age",
        "Since each bank's content was last written. A line that no longer falls back is a feed "
        "that has stopped.",
        Query(
            f"max by (bank) (moderation_bank_age_seconds{{{WORKER}}})", "{{bank}}", nothing=_NO_BANK
        ),
        unit="s",
        alert="BankIsStale",
    )
    yield graph(
        "Entries",
        "Entries that can match. A step down is a list that was cut short, or many denials.",
        Query(f"min by (bank) (moderation_bank_entries{{{WORKER}}})", "{{bank}}", nothing=_NO_BANK),
        unit="short",
    )
    yield graph(
        "Matches",
        "Parts of posts that a bank knew, by what it asked for.",
        Query(
            rate("moderation_bank_matches_total", "bank", "action"),
            "{{bank}} {{action}}",
            nothing="nothing was known",
        ),
        unit="cps",
    )
    yield graph(
        "Matches confirmed",
        "Confirmations among people's latest words on each bank's matches; a bank that falls below "
        "its bound is in doubt. No line while there are too few words.",
        Query(
            f"min by (bank) (moderation_bank_confirmed_share{{{WORKER}}})",
            "{{bank}}",
            nothing="too few words yet",
        ),
        unit="percentunit",
        alert="BankIsDoubted",
        width=12,
    )
    yield graph(
        "What people said",
        "Words on each bank's matches, in all.",
        Query(
            f"max by (bank) (moderation_bank_confirmations{{{WORKER}}})",
            "{{bank}} right",
            nothing=_NO_BANK,
        ),
        Query(
            f"max by (bank) (moderation_bank_denials{{{WORKER}}})",
            "{{bank}} wrong",
            nothing=_NO_BANK,
        ),
        unit="short",
        width=12,
    )
