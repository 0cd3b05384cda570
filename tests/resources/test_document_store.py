"""What was read in documents, kept in the lake."""

import pytest

from resources.document_store import BatchReadings, has_words, keep_words, read_words
from resources.lake import Lake, LakeError

WORDS = {"pages": [], "language": "eng"}


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path))


def test_words_come_back_as_they_were(lake):
    path = keep_words(lake, "letters", "abc", "eng", WORDS)
    assert path == "letters/documents/read/abc/eng.json.gz"
    assert has_words(lake, path)
    assert read_words(lake, path) == WORDS


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda _: b"", lambda data: b"no gzip" + data])
def test_damaged_words_are_none(lake, damage):
    readings = BatchReadings(lake, "letters")
    readings.keep("abc", "edition", WORDS)
    assert readings.find("abc", "edition") == WORDS
    path = "letters/documents/read/abc/edition.json.gz"
    lake.write_bytes(damage(lake.read_bytes(path)), path)
    assert not has_words(lake, path)
    assert readings.find("abc", "edition") is None
    with pytest.raises(LakeError, match="damaged"):
        read_words(lake, path)


def test_what_was_never_read_is_none(lake):
    assert BatchReadings(lake, "letters").find("abc", "edition") is None
