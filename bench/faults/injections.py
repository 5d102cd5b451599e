"""How each kind of fault is injected, and how it is healed.

An injection returns when what it broke is whole again, or has been replaced. That work goes on
afterwards is asked by the run, of all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bench.faults import outside_faults as outside
from bench.faults import roll_outs
from bench.faults import worker_faults as worker
from bench.faults.field import Field
from bench.faults.plan import Fault, Kind

INJECTIONS: Final[Mapping[Kind, Callable[[Field, Fault], str]]] = {
    Kind.KILL: worker.kill,
    Kind.POWER_CUT: worker.power_cut,
    Kind.DIE_AT_STEP: worker.die_at_step,
    Kind.FREEZE: worker.freeze,
    Kind.FREEZE_AT_STEP: worker.freeze_at_step,
    Kind.JOIN: worker.join,
    Kind.LEAVE: worker.leave,
    Kind.ROLLING_RESTART: roll_outs.rolling_restart,
    Kind.POLICY_ROLL_OUT: roll_outs.policy_roll_out,
    Kind.BROKER_STOP: outside.broker_stop,
    Kind.BROKER_KILL: outside.broker_kill,
    Kind.BROKER_HOLD: outside.broker_hold,
    Kind.STORE_SLOW: outside.store_slow,
    Kind.STORE_FAILING: outside.store_failing,
    Kind.STORE_CUT_OFF: outside.store_cut_off,
    Kind.POISON: outside.poison_posts,
    Kind.UNREADABLE: outside.unreadable_records,
    Kind.OUT_OF_MEMORY: worker.out_of_memory,
    Kind.CLOCK_JUMP: worker.clock_jump,
}
"""Each returns what it struck, for the journal."""
