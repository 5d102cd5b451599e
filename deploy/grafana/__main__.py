"""``python -m deploy.grafana`` writes the dashboards' committed JSON."""

from __future__ import annotations

from deploy.grafana.boards import BOARDS


def main() -> None:
    """Write every dashboard."""
    for board in BOARDS:
        board.path.write_text(board.render(), encoding="utf-8")


if __name__ == "__main__":
    main()
