"""Documents through real child processes; what tesseract says is faked where it is not installed or must misbehave."""

import pytest

from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import Reader, ReaderStats
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.drawn import draw, encode

LINES = ("Invoice 4711 of March", "Total amount 128.50 due", "Thank you for shopping")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_reads_what_was_drawn(engine: str) -> None:
    found = ENGINES[engine].available()
    if not found.usable:
        pytest.skip(found.sentence)

    with Reader(Reading(engines=(engine,))) as reader:
        document = reader.read(encode(draw(LINES)))
        stats = reader.stats()

    assert document.text.splitlines() == list(LINES)
    assert document.confidence > 0.8
    assert document.pages[0].engine == engine
    assert document.pages[0].seconds > 0
    assert (stats.documents, stats.pages, stats.started, stats.waiting, stats.reading) == (1, 1, 1, 0, 0)
    assert stats.rss_bytes > 2**20
    assert reader.stats().rss_bytes == 0


def test_what_is_no_document_is_refused_without_a_child() -> None:
    with Reader(Reading(bytes_max=10)) as reader:
        for data, code in ((b"", "empty"), (b"hello", "unsupported_type"), (b"%PDF-12345 ", "too_many_bytes")):
            with pytest.raises(DocumentError) as refused:
                reader.read(data)
            assert refused.value.code == code

        assert reader.stats() == ReaderStats()
