from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from moderation.media import Pixels
from moderation.reading import (
    PictureReader,
    RapidReader,
    ReaderUnavailableError,
    TesseractReader,
    rapid,
)

MAKERS = {"rapidocr": RapidReader, "tesseract": TesseractReader}
CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


@pytest.fixture(scope="module", params=MAKERS)
def reader(request: pytest.FixtureRequest) -> PictureReader:
    try:
        return MAKERS[request.param]()
    except ReaderUnavailableError as error:
        pytest.skip(str(error))


def sign(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> Pixels:
    picture = Image.new("RGB", (480, 160), (245, 245, 240))
    ImageDraw.Draw(picture).multiline_text((30, 40), text, font=font, fill=(20, 20, 60))
    return np.asarray(picture)


def test_plain_print_is_read(reader: PictureReader) -> None:
    found = reader.read(sign("FREE MONEY\ncall today", ImageFont.load_default(36)))

    assert found.splitlines() == ["FREE MONEY", "call today"]


@pytest.mark.skipif(not CHINESE_FONT.exists(), reason="needs the font Noto Sans CJK")
def test_chinese_is_read(reader: PictureReader) -> None:
    found = reader.read(sign("今天天气很好", ImageFont.truetype(CHINESE_FONT, 40)))

    assert "".join(found.split()) == "今天天气很好"


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (200, 1), (64, 64)])
def test_a_picture_without_text_reads_as_nothing(
    reader: PictureReader, size: tuple[int, int]
) -> None:
    assert reader.read(np.full((*size, 3), 128, np.uint8)) == ""


def test_several_threads_read_at_once(reader: PictureReader) -> None:
    signs = {word: sign(word, ImageFont.load_default(40)) for word in ("HOUSE", "RIVER", "CLOUD")}
    start = threading.Barrier(len(signs))

    def read(pixels: Pixels) -> str:
        start.wait()
        return reader.read(pixels)

    with ThreadPoolExecutor(len(signs)) as threads:
        found = list(threads.map(read, signs.values()))

    assert found == list(signs)


def test_reading_says_nothing_on_the_screen(
    reader: PictureReader, capfd: pytest.CaptureFixture[str]
) -> None:
    reader.read(np.full((64, 64, 3), 128, np.uint8))

    assert capfd.readouterr() == ("", "")


def test_a_rapidocr_without_its_models_is_refused_and_nothing_is_downloaded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(rapid, "DETECTOR", "no-such-model.onnx")

    with pytest.raises(ReaderUnavailableError, match="no-such-model"):
        RapidReader()


def test_a_tesseract_without_the_language_is_refused() -> None:
    with pytest.raises(ReaderUnavailableError, match=r"tesseract"):
        TesseractReader("tlh")


def test_an_absent_tesseract_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(ReaderUnavailableError, match="not installed"):
        TesseractReader()
