"""From which value on a panel turns yellow, and red, and why."""

from __future__ import annotations

from typing import Final

from deploy.grafana.panels import Limits

AGE_LIMITS: Final = Limits(warn=2, bad=10)
"""Seconds. A post unjudged for two seconds has been seen by its first readers; ten is an outage."""

DEGRADED_LIMITS: Final = Limits(warn=0.02, bad=0.1)
"""Share of verdicts. One in fifty posts with broken media is usual on open platforms; one in ten
means that a media host, a decoder or the model is down."""

LAG_LIMITS: Final = Limits(warn=1_000, bad=10_000)
"""Records: seconds, and minutes, of work for one worker on a CPU."""

TRIPPED_LIMITS: Final = Limits(bad=1)
"""Of what should never be: one is somebody's work."""

BEHIND_LIMITS: Final = Limits(warn=60, bad=300)
"""Seconds: a feed that is being written, and a file that somebody must mend."""

FAILURE_LIMITS: Final = Limits(warn=1, bad=100)
OVERDUE_LIMITS: Final = Limits(warn=1, bad=20)
OLDEST_LIMITS: Final = Limits(warn=4 * 3600, bad=24 * 3600)
"""Seconds: half a shift, and a day."""

BURN_LIMITS: Final = Limits(warn=1, bad=6)
"""Times the pace that spends the error budget in just its 30 days. At 6 it is gone in five days,
and somebody is called (Google, *The Site Reliability Workbook*, chapter 5)."""

DRIFT_LIMITS: Final = Limits(warn=0.1, bad=0.25)
"""Population stability index: some shift, and another population, by the usual rule of thumb
(Siddiqi, *Credit Risk Scorecards*, 2006)."""

CALIBRATION_LIMITS: Final = Limits(warn=0.05, bad=0.1)
"""Expected calibration error: thresholds are meant in steps of five points."""

STAGE_LIMITS: Final = Limits(warn=1, bad=5)
"""Seconds: half of what turns the record's age yellow and red."""

PAUSED_LIMITS: Final = Limits(warn=1)
WORKER_LIMITS: Final = Limits()
"""The number of workers is the operator's choice; that it is zero, an alert tells."""
