"""Write every medium of the sample posts into ``workers/demo/samples/media``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from workers.demo.make_samples import BROKEN, PICTURES, SOUNDS, SPEECH, speak
from workers.demo.make_samples.encode import encode_picture, write_sound
from workers.demo.sample_posts import SAMPLES_DIR


def main(folder: Path) -> None:
    """Write the media; speech only where espeak-ng is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        (folder / name).write_bytes(encode_picture(picture(), Path(name).suffix))
    for name, sound in SOUNDS.items():
        write_sound(folder / name, sound())
    for name, broken in BROKEN.items():
        (folder / name).write_bytes(broken())
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        sys.stderr.write("espeak-ng is not installed: the spoken samples are left as they are\n")
        return
    for name, line in SPEECH.items():
        write_sound(folder / name, speak(line, espeak))


if __name__ == "__main__":
    main(SAMPLES_DIR / "media")
