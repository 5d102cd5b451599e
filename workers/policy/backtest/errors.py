"""What stops a backtest."""

from __future__ import annotations


class BacktestError(Exception):
    """A backtest cannot be run, or not to its end."""
