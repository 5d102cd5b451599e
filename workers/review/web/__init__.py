"""What the reviewer's browser sees: pages, forms, media, and what guards them."""

from workers.review.web.application import Lifespan, create_application
from workers.review.web.console import Console
from workers.review.web.console_decoder import ConsoleDecoder
from workers.review.web.limits import RateLimit
from workers.review.web.media import MediaShelf
from workers.review.web.picture_hashes import PictureHashes

__all__ = [
    "Console",
    "ConsoleDecoder",
    "Lifespan",
    "MediaShelf",
    "PictureHashes",
    "RateLimit",
    "create_application",
]
