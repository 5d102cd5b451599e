"""``moderation rules backtest``, ``diff`` and ``record``: recorded posts under two policies."""
