"""The names of all settings, as the environment spells them."""

from __future__ import annotations

from workers.settings_table import settings_classes


def known_variables() -> set[str]:
    return {
        f"{settings.model_config['env_prefix']}{field.upper()}"
        for settings in settings_classes()
        for field in settings.model_fields
    }
