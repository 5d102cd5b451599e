"""What the reviewer's browser sees: pages, forms, media, and what guards them."""

from workers.review.web.application import Lifespan, create_application
from workers.review.web.console import Console
from workers.review.web.limits import RateLimit
from workers.review.web.media import MediaShelf
from workers.review.web.sound_decoder import SoundDecoder

__all__ = [
    "Console",
    "Lifespan",
    "MediaShelf",
    "RateLimit",
    "SoundDecoder",
    "create_application",
]
