"""What the reviewer's browser sees: pages, forms, media, and what guards them."""

from workers.review.web.application import create_application
from workers.review.web.console import Console
from workers.review.web.media import MediaShelf

__all__ = ["Console", "MediaShelf", "create_application"]
