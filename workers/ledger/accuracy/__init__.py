"""How accurate the machine's verdicts are, by the random sample that reviewers see."""

from workers.ledger.accuracy.book import AuditBook
from workers.ledger.accuracy.figures import FIGURES, Figures
from workers.ledger.accuracy.gauges import AccuracyGauges
from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.planning import next_plan
from workers.ledger.accuracy.records import AuditRow, Label, SampledVerdict, read_audit_event
from workers.ledger.accuracy.report import Report, Subject, make_report

__all__ = [
    "FIGURES",
    "AccuracyGauges",
    "AuditBook",
    "AuditRow",
    "Estimate",
    "Figures",
    "Label",
    "Report",
    "SampledVerdict",
    "Subject",
    "make_report",
    "next_plan",
    "read_audit_event",
]
