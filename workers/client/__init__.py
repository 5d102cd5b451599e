"""What a platform's own services need: send posts, store media, follow verdicts.

See docs/integrate.md.
"""

from workers.client.errors import ClientError, PostRefusedError
from workers.client.media import FolderStore, MediaStore, attach
from workers.client.posts import PostSender
from workers.client.verdicts import VerdictReader

__all__ = [
    "ClientError",
    "FolderStore",
    "MediaStore",
    "PostRefusedError",
    "PostSender",
    "VerdictReader",
    "attach",
]
