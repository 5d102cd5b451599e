"""What happens to posts on their way: typing, disguise, re-encoding, noise.

Each function takes one piece of a post, how strong the change is, and a draw.
"""

from moderation.evaluation.corrupt.audio import cut, gain, white_noise
from moderation.evaluation.corrupt.image import blur, jpeg, pixel_noise, rotate
from moderation.evaluation.corrupt.text import homoglyphs, leetspeak, typos, zero_width

__all__ = [
    "blur",
    "cut",
    "gain",
    "homoglyphs",
    "jpeg",
    "leetspeak",
    "pixel_noise",
    "rotate",
    "typos",
    "white_noise",
    "zero_width",
]
