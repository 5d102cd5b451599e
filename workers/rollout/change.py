"""One change of what is asked of a group, that tells when somebody else makes another one.

Kafka cannot write only where nothing was written since. So what was read is compared before the
write, and the topic is read again after it: two people who meet all the same are both told.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from schemas import ModelRollout
from workers.rollout.errors import RolloutError
from workers.rollout.stages import Order, told, untouched
from workers.rollout.topic import Published, read_rollout, write_rollout
from workers.settings import KafkaSettings

Step = Callable[[ModelRollout, Order], ModelRollout]
"""What is asked for next, after what is asked for now."""


async def change(
    kafka: KafkaSettings, group: str, order: Order, step: Step, *, seen: Published | None = None
) -> ModelRollout:
    """Take the step; what is asked for from now on.

    Args:
        kafka: how to reach the broker.
        group: of the workers.
        order: who asks, and when.
        step: to take.
        seen: what it was decided on; what is asked for now where it was decided on nothing.

    Raises:
        RolloutError: the step makes no sense, or somebody else has taken one since ``seen``, or
            takes one at the same time.
        TopicError: the topic cannot be read or written.
    """
    now = await read_rollout(kafka, group)
    if seen is not None and now.offset != seen.offset:
        raise RolloutError(
            f"nothing is asked for: somebody else has changed the roll-out meanwhile. {_state(now)}"
        )
    try:
        asked = step(now.rollout or untouched(group, order), order)
    except ValidationError as error:
        raise RolloutError(
            "the group and who asks (--by) must be of letters, digits and . _ : @ / + = -"
        ) from error
    own = await write_rollout(kafka, asked)
    after = await read_rollout(kafka, group)
    if after.offset != own or after.before > now.offset:
        raise RolloutError(f"somebody else changed the roll-out at the same time. {_state(after)}")
    return asked


def _state(found: Published) -> str:
    if found.rollout is None:
        in_force = "The record was taken off the topic"
    else:
        in_force = f"In force is what {found.rollout.by} asked for: {told(found.rollout)}"
    return f"{in_force}. Look at `moderation rollout status`, then ask again if that is not meant"
