"""One writer at a time in a bank's folder, also among processes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rules.banks.errors import BankError

LOCK_FILE: Final = ".lock"


@contextmanager
def writing_lock(folder: Path) -> Iterator[None]:
    """Hold the bank for writing; waits for whoever writes now. A crash lets go of it.

    Readers need no lock: a base is switched by one rename, and a reader that meets a change half
    written is refused by its content and reads again. The lock is advisory (``flock``): on a
    network file system it holds where the mount supports it.

    Raises:
        BankError: the folder cannot be written.
    """
    try:
        file = (folder / LOCK_FILE).open("ab")
    except OSError as error:
        raise BankError(f"{folder} cannot be locked for writing: {error}") from error
    with file:  # closing lets go
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
