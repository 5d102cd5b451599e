"""Several processes that train one model."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moderation.training.processes import Processes

DEADLINE_SECONDS = 300  # a process that waits for one that has ended would wait forever

PROGRAM = """
import dataclasses, sys
from pathlib import Path
import torch
from moderation.training.processes import Processes
from moderation.training.recipe import StageRecipe
from moderation.training.stage import run_stage
from tests.moderation.training.toy import Toy, setting_in

torch.set_num_threads(1)
own = Processes.of_environment()
recipe = StageRecipe(epochs=3, learning_rate=0.2, batch_cost=2, ema_decay=0.5, patience=1)
# The second process would stop after two epochs, if it went by its own figures.
figures = [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]][own.rank]
with own.joined(torch.device("cpu")):
    toy = Toy(figures)
    setting = dataclasses.replace(setting_in(Path(sys.argv[1])), processes=own)
    run_stage(toy, recipe, setting)
    print(toy.weight.item(), own.any_of(own.first, torch.device("cpu")))
"""


@given(batches=st.lists(st.integers(), min_size=1, max_size=30), count=st.integers(1, 5))
def test_shares_are_of_one_size_and_cover_all_batches(batches: list[int], count: int) -> None:
    shares = [Processes(rank, count).share(batches) for rank in range(count)]
    assert len({len(share) for share in shares}) == 1
    assert {batch for share in shares for batch in share} == set(batches)


def test_one_process_takes_everything_and_needs_no_wrapper() -> None:
    alone = Processes()
    module = torch.nn.Linear(1, 1)
    assert alone.share([1, 2, 3]) == [1, 2, 3]
    assert alone.parallel(module) is module
    assert alone.any_of(True, torch.device("cpu"))
    assert alone.first_says(0.5, torch.device("cpu")) == 0.5


@pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="torch was built without gloo, which joins processes on the CPU",
)
def test_two_processes_end_together_by_the_figures_of_the_first_with_one_history(
    tmp_path: Path,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            env={**os.environ, **world, "RANK": str(rank), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        said = [worker.communicate(timeout=DEADLINE_SECONDS)[0].split() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0, 0]
    assert said[0] == said[1]
    assert said[0][1] == "True"
    # Four batches an epoch in two processes are two steps each.
    lines = (tmp_path / "history.jsonl").read_text("utf-8").splitlines()
    assert sum('"dev"' in line for line in lines) == 3
    assert '"step": 6' in lines[-1]
