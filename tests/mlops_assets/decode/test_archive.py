"""Archives that lie, swell or lead astray are refused by their directory; a broken scan inside is one row's matter."""

import io
import zipfile
from typing import Any

import pytest

from mlops_assets.decode.archive import open_archive
from mlops_assets.decode.errors import DecodeError
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.spec import Reading

SCAN = b"\x89PNG\r\n\x1a\nnot much of one"


def packed(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def opened(make_use_case):
    def of(data: bytes, landing: dict[str, Any] | None = None, **reading: Any):
        use_case = make_use_case(format={"kind": "document", **reading}, landing=landing or {})
        assert isinstance(use_case.format, Reading)
        return open_archive(data, use_case, use_case.format)

    return of


def test_scans_come_in_their_order_without_folders_and_hidden_files(opened) -> None:
    archive = opened(packed({"b.png": SCAN, "__MACOSX/._b.png": b"x", "more/": b"", "more/a.png": b"y", ".DS": b"z"}))
    assert archive.names == ("b.png", "more/a.png")
    assert archive.read("b.png") == SCAN
    assert archive.labels.empty


def test_labels_count_from_their_own_folder(opened) -> None:
    table = b"file, label\na.png,receipt\nsub/b.png, form\n"
    archive = opened(packed({"x/a.png": SCAN, "x/sub/b.png": SCAN, "x/labels.csv": table}))
    assert archive.names == ("x/a.png", "x/sub/b.png")
    assert archive.labels["label"].to_dict() == {"x/a.png": "receipt", "x/sub/b.png": "form"}


def refused(data: bytes, code: str, opened, **more: Any) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        opened(data, **more)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "a/../../b.png", "a\\b.png", "a\x07.png", "a\u202eb.png"])
def test_names_that_could_lead_astray_are_refused(name, opened) -> None:
    data = packed({"x" * len(name.encode()): SCAN}).replace(b"x" * len(name.encode()), name.encode())
    if not name.isascii():  # zipfile reads other names as cp437 unless they are marked
        data = packed({name: SCAN})
    refused(data, "unsafe_name", opened)


def test_what_unpacks_to_too_much_is_refused_by_its_directory(opened) -> None:
    bomb = packed({"a.png": b"\0" * 2**22})
    assert len(bomb) < 2**13
    assert "expansion_max is 100" in str(refused(bomb, "expands_too_much", opened))
    assert "bytes_max is 1000000" in str(refused(bomb, "too_many_bytes", opened, landing={"bytes_max": 1_000_000}))


def test_too_many_files_are_refused(opened) -> None:
    refused(packed({f"{n}.png": SCAN for n in range(4)}), "too_many_rows", opened, landing={"rows_max": 3})


def test_a_directory_that_lies_about_a_size_unpacks_no_more_than_it_says(opened) -> None:
    data = packed({"a.png": b"\0" * 2**20})
    archive = opened(data.replace((2**20).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(DocumentError) as caught:
        archive.read("a.png")
    assert caught.value.code == "unreadable"


def test_one_large_scan_is_not_unpacked_and_spoils_no_other(opened) -> None:
    archive = opened(packed({"a.png": bytes(range(256)) * 10, "b.png": SCAN}), bytes_max=1000)
    with pytest.raises(DocumentError) as caught:
        archive.read("a.png")
    assert caught.value.code == "too_many_bytes"
    assert archive.read("b.png") == SCAN


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({"a.png": SCAN, "labels.csv": b"file,label\nb.png,form\n"}, "labels_without_scan", "names 'b.png'"),
        ({"a.png": SCAN, "labels.csv": b"name,label\na.png,form\n"}, "malformed", "no column 'file'; it has name"),
        ({"a.png": SCAN, "labels.csv": b"file\na.png\na.png\n"}, "duplicate_files", "names 'a.png' twice"),
        ({"a.png": SCAN, "labels.csv": b""}, "empty", "'labels.csv' is empty"),
        ({"a.png": SCAN, "labels.csv": b"file\n", "b/labels.csv": b"file\n"}, "duplicate_files", "keep one"),
        ({"labels.csv": b"file\n"}, "empty", "holds no scan"),
    ],
)
def test_labels_that_do_not_fit_are_refused(files, code, words, opened) -> None:
    assert words in str(refused(packed(files), code, opened))


def test_a_damaged_archive_is_refused(opened) -> None:
    refused(packed({"a.png": SCAN})[:-30], "malformed", opened)


def test_an_encrypted_archive_is_refused(opened) -> None:
    data = bytearray(packed({"a.png": SCAN}, zipfile.ZIP_STORED))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    refused(bytes(data), "encrypted", opened)


def test_a_name_twice_is_refused(opened) -> None:
    refused(packed({"a.png": SCAN, "b.png": SCAN}).replace(b"b.png", b"a.png"), "duplicate_files", opened)


@pytest.mark.parametrize(
    ("packed_as", "told_as"), [("u\u0308ber.png", "\u00fcber.png"), ("\u00fcber.png", "u\u0308ber.png")]
)
def test_an_accent_may_stand_on_its_letter_or_beside_it(packed_as, told_as, opened) -> None:
    archive = opened(packed({packed_as: SCAN, "labels.csv": f"file,label\n{told_as},receipt\n".encode()}))
    assert archive.labels["label"].to_dict() == {packed_as: "receipt"}


def test_names_that_differ_by_their_accents_alone_keep_their_own_labels(opened) -> None:
    names = ("u\u0308.png", "\u00fc.png")
    table = f"file,label\n{names[1]},receipt\n{names[0]},form\n".encode()
    archive = opened(packed({names[0]: SCAN, names[1]: SCAN, "labels.csv": table}))
    assert archive.labels["label"].to_dict() == {names[0]: "form", names[1]: "receipt"}


def test_a_scan_that_lies_before_the_first_byte_is_damaged_and_no_other(opened) -> None:
    # the end of the directory says that it begins 0x7f00 bytes later than it does, so that all places count from before
    data = bytearray(packed({"a.png": SCAN}))
    end = data.index(b"PK\x05\x06") + 16
    data[end : end + 4] = (int.from_bytes(data[end : end + 4], "little") + 0x7F00).to_bytes(4, "little")
    archive = opened(bytes(data))
    with pytest.raises(DocumentError, match="damaged within the archive"):
        archive.read("a.png")


def test_a_scan_whose_own_name_is_no_text_is_damaged_and_no_other(opened) -> None:
    data = packed({"\u00fc.png": SCAN, "b.png": SCAN})
    archive = opened(
        data.replace("\u00fc.png".encode(), b"\xff\xff.png", 1)
    )  # that beside the bytes, not in the directory
    with pytest.raises(DocumentError, match="damaged within the archive"):
        archive.read("\u00fc.png")
    assert archive.read("b.png") == SCAN


def test_a_scan_without_a_name_is_refused(opened) -> None:
    refused(packed({"ab": SCAN}).replace(b"ab", b"\0b"), "unsafe_name", opened)
