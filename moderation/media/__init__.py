"""A post's media: fetched within limits, decoded within limits, and never lost without a word."""

from moderation.media.addresses import is_public
from moderation.media.audio import DecodedAudio, Samples, decode_audio
from moderation.media.decoded import (
    Blob,
    DecodedPost,
    MediaKey,
    decode_content,
    decode_post,
    is_hostile,
)
from moderation.media.decoder import GuardedDecoder, MediaDecoder, ThreadDecoder
from moderation.media.decoding_process import Stopped
from moderation.media.errors import (
    ForbiddenMediaError,
    HashMismatchError,
    MediaError,
    MediaTooLargeError,
    MissingMediaError,
    UndecodableMediaError,
    UnreachableMediaError,
    UnsupportedMediaError,
)
from moderation.media.fetch import CompositeFetcher, InlineFetcher, MediaFetcher
from moderation.media.files import read_file
from moderation.media.folder import FolderFetcher
from moderation.media.gather import gather_media
from moderation.media.https import HttpsFetcher
from moderation.media.images import DecodedImage, Pixels, decode_image, shrink
from moderation.media.isolation import DecodingPool
from moderation.media.limits import SAMPLE_RATE_HZ, MediaLimits

__all__ = [
    "SAMPLE_RATE_HZ",
    "Blob",
    "CompositeFetcher",
    "DecodedAudio",
    "DecodedImage",
    "DecodedPost",
    "DecodingPool",
    "FolderFetcher",
    "ForbiddenMediaError",
    "GuardedDecoder",
    "HashMismatchError",
    "HttpsFetcher",
    "InlineFetcher",
    "MediaDecoder",
    "MediaError",
    "MediaFetcher",
    "MediaKey",
    "MediaLimits",
    "MediaTooLargeError",
    "MissingMediaError",
    "Pixels",
    "Samples",
    "Stopped",
    "ThreadDecoder",
    "UndecodableMediaError",
    "UnreachableMediaError",
    "UnsupportedMediaError",
    "decode_audio",
    "decode_content",
    "decode_image",
    "decode_post",
    "gather_media",
    "is_hostile",
    "is_public",
    "read_file",
    "shrink",
]
