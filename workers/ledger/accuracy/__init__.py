"""How accurate the machine's verdicts are, by the random sample that reviewers see."""

from workers.ledger.accuracy.book import AuditBook
from workers.ledger.accuracy.calibration import ScoreBin
from workers.ledger.accuracy.figures import FIGURES, Figures
from workers.ledger.accuracy.gauges import AccuracyGauges
from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.planning import next_plan
from workers.ledger.accuracy.promotion import Advice, Difference, Promotion, promotions
from workers.ledger.accuracy.records import (
    AuditEvent,
    AuditRow,
    Label,
    SampledVerdict,
    ShadowSeen,
    read_audit_event,
)
from workers.ledger.accuracy.report import Report, Subject, make_report
from workers.ledger.accuracy.score_changes import ScoreChange

__all__ = [
    "FIGURES",
    "AccuracyGauges",
    "Advice",
    "AuditBook",
    "AuditEvent",
    "AuditRow",
    "Difference",
    "Estimate",
    "Figures",
    "Label",
    "Promotion",
    "Report",
    "SampledVerdict",
    "ScoreBin",
    "ScoreChange",
    "ShadowSeen",
    "Subject",
    "make_report",
    "next_plan",
    "promotions",
    "read_audit_event",
]
