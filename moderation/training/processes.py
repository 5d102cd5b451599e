"""Several processes that train one model together, as ``torchrun`` starts them.

Each takes its share of an epoch's batches, and the gradients are averaged (torch's
``DistributedDataParallel``; gloo on CPUs, NCCL on GPUs). The first alone writes and reports.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Processes:
    """Which of how many this process is.

    Attributes:
        rank: from 0.
        count: of all processes.
        local_rank: among those of this machine, which is also the number of its GPU.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @classmethod
    def of_environment(cls) -> Processes:
        """As ``torchrun`` says in RANK, WORLD_SIZE and LOCAL_RANK; one process without it."""
        return cls(
            int(os.environ.get("RANK", "0")),
            int(os.environ.get("WORLD_SIZE", "1")),
            int(os.environ.get("LOCAL_RANK", "0")),
        )

    @property
    def first(self) -> bool:
        """Whether this one writes and reports."""
        return self.rank == 0

    @contextmanager
    def joined(self, device: torch.device) -> Iterator[None]:
        """Within the block the processes can talk to each other."""
        if self.count == 1:
            yield
            return
        if device.type == "cuda":
            torch.cuda.set_device(device)
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
        try:
            yield
        finally:
            distributed.destroy_process_group()

    def share(self, batches: Sequence[Item]) -> list[Item]:
        """This process's batches; all get as many, for which some batches are taken twice."""
        each = -(-len(batches) // self.count)
        return list(islice(cycle(batches), self.rank, each * self.count, self.count))

    def parallel(self, learner: nn.Module) -> nn.Module:
        """The learner, with gradients averaged over the processes."""
        if self.count == 1:
            return learner
        # A batch may lack what an auxiliary head learns from.
        return DistributedDataParallel(learner, find_unused_parameters=True)

    def any_of(self, flag: bool, device: torch.device) -> bool:
        """Whether any process says so."""
        if self.count == 1:
            return flag
        said = torch.tensor(float(flag), device=device)
        distributed.all_reduce(said, distributed.ReduceOp.MAX)
        return bool(said)

    def first_says(self, value: float | None, device: torch.device) -> float | None:
        """What the first process has measured, in all of them.

        Figures may differ in the last digit between processes; what hangs on them must not, or one
        ends a stage while the others wait for it.
        """
        if self.count == 1:
            return value
        known = math.nan if value is None else value
        said = torch.tensor(known, dtype=torch.float64, device=device)
        distributed.broadcast(said, src=0)
        return None if bool(said.isnan()) else said.item()

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """The first process runs the block before the others enter it."""
        if self.count > 1 and not self.first:
            distributed.barrier()
        yield
        if self.count > 1 and self.first:
            distributed.barrier()
