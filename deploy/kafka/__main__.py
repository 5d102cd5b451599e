"""``python -m deploy.kafka`` writes the committed YAML."""

from __future__ import annotations

from deploy.kafka.rendering import FILES, render


def main() -> None:
    """Write every file."""
    for path in FILES:
        path.write_text(render(path), encoding="utf-8")


if __name__ == "__main__":
    main()
