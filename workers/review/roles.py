"""Who a person is to the console. What each role may do is in ``web/permissions.py``."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A person's role; an account has one."""

    REVIEWER = "reviewer"  # decides, and sees no personal data
    SENIOR = "senior"  # decides, and sees personal data where a decision hangs on it
    POLICY = "policy"  # reads items and figures to write better rules
    ADMIN = "admin"  # may do everything, accounts included
    AUDITOR = "auditor"  # reads everything, the trail included, and changes nothing
