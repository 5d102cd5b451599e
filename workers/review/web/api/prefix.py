"""Where the API lives.

Each router carries the whole prefix itself: ``permissions`` asks a route for its path, which does
not hold the prefix of a router around it.
"""

from __future__ import annotations

from typing import Final

API_PREFIX: Final = "/api/v1"
