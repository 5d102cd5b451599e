"""A person's decision outranks every machine until the content changes."""

from __future__ import annotations

from rules.decision import Case, HumanDecision


def standing_decision(case: Case) -> HumanDecision | None:
    """The reviewer's decision, if what they saw is what the post still says.

    Two hashes of the content decide; where one is missing, the revision does.
    """
    human = case.human
    if human is None:
        return None
    if human.content_hash is not None and case.content_hash is not None:
        return human if human.content_hash == case.content_hash else None
    return human if human.revision == case.post.revision else None
