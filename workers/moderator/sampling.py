"""The draw of the audit sample."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final
from uuid import UUID

from schemas import Sampling
from workers.audit_plan import AuditPlan, AuditPlanError
from workers.moderator.errors import StartError
from workers.moderator.settings import ModeratorSettings

_HASH_BYTES: Final = 8
_HASH_SPAN: Final = 1 << (8 * _HASH_BYTES)


def plan_of(settings: ModeratorSettings) -> AuditPlan:
    """The plan that the settings name, or one with the same rate for all.

    Raises:
        StartError: the file is no plan.
    """
    if settings.audit_plan is None:
        return AuditPlan(default_rate=settings.audit_sample_rate)
    try:
        return AuditPlan.load(settings.audit_plan)
    except AuditPlanError as error:
        raise StartError(str(error)) from error


def draw(identity: UUID, stratum: str, plan: AuditPlan) -> Sampling:
    """Whether a verdict falls into the audit sample.

    A hash of the verdict's id decides, so that a repeated verdict is drawn like the first one, and
    a plan with a higher rate draws all that one with a lower rate does.

    Args:
        identity: the verdict's id.
        stratum: of the verdict, as the plan names it.
        plan: says how often to draw from the stratum.
    """
    rate = plan.rate(stratum)
    digest = hashlib.blake2b(identity.bytes, digest_size=_HASH_BYTES).digest()
    drawn = int.from_bytes(digest) < rate * _HASH_SPAN
    return _sampling(drawn, rate, stratum)


@cache
def _sampling(drawn: bool, rate: float, stratum: str) -> Sampling:
    """One for all verdicts of a stratum: there are some hundreds of strata."""
    return Sampling(sampled=drawn, inclusion_probability=rate, stratum=stratum)
