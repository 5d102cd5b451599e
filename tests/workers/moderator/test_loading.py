"""A model whose store is away for a moment is loaded when it is back."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from workers.moderator.errors import StartError
from workers.moderator.loading import load_patiently


def failing(*errors: Exception) -> Callable[[], int]:
    """Raises each error once, as the cause of a StartError; then gives the number of attempts."""
    left = list(errors)

    def load() -> int:
        if left:
            raise StartError("cannot use the model") from left.pop(0)
        return len(errors) + 1

    return load


async def test_store_that_comes_back_is_asked_again() -> None:
    away = [TimeoutError("hub"), OSError(errno.ESTALE, "stale share"), ConnectionResetError()]
    assert await load_patiently(failing(*away), pauses=(0, 0, 0, 0)) == 4


@pytest.mark.parametrize(
    "lasting", [FileNotFoundError(errno.ENOENT, "no folder"), ValueError("no model")]
)
async def test_what_will_not_pass_is_told_at_once(lasting: Exception) -> None:
    load = failing(lasting)
    with pytest.raises(StartError) as told:
        await load_patiently(load, pauses=(0, 0, 0, 0))
    assert told.value.__cause__ is lasting
    assert load() == 2


async def test_store_that_stays_away_is_told_in_the_end() -> None:
    with pytest.raises(StartError):
        await load_patiently(failing(*[TimeoutError()] * 3), pauses=(0, 0))
