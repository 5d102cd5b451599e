"""Make the media of the sample posts: ``python -m workers.demo.make_samples``.

Pictures are drawn, sounds are synthesised, so that every byte is ours to give away. The posts
themselves (``samples/*.jsonl``) are written by hand. What is made here is committed; the demo
needs neither this package nor espeak-ng.
"""

from workers.demo.make_samples.broken import BROKEN
from workers.demo.make_samples.cards import CARDS
from workers.demo.make_samples.objects import OBJECTS
from workers.demo.make_samples.scenes import SCENES
from workers.demo.make_samples.sounds import SAMPLE_RATE_HZ, SOUNDS
from workers.demo.make_samples.speech import SPEECH, speak

PICTURES = {**SCENES, **OBJECTS, **CARDS}
"""Every drawn picture by file name; the suffix says the format."""

__all__ = ["BROKEN", "PICTURES", "SAMPLE_RATE_HZ", "SOUNDS", "SPEECH", "speak"]
