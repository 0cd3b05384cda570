import io
from pathlib import Path

import pandas as pd
import pytest

from resources.lake import Lake, LakeError, TooManyBytesError, UnreadableError


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def files(lake: Lake) -> list[str]:
    return sorted(path.relative_to(lake.root).as_posix() for path in Path(lake.root).rglob("*") if path.is_file())


def test_bytes_come_back_and_replace_what_was_there(lake: Lake) -> None:
    assert not lake.exists("wine", "raw", "a")
    for data in (b"first", b"second"):
        assert lake.write_bytes(data, "wine", "raw", "a") == lake.path("wine", "raw", "a")
        assert lake.read_bytes("wine", "raw", "a") == data
    assert lake.exists("wine", "raw", "a")
    assert files(lake) == ["wine/raw/a"]


def test_tables_keep_kinds_and_missing_values(lake: Lake) -> None:
    frame = pd.DataFrame(
        {
            "number": [1.5, None],
            "word": ["a", None],
            "nothing": pd.Series([None, None], dtype=object),
            "at": pd.to_datetime(["2024-05-01T10:00", None]),
        }
    )
    lake.write_table(frame, "wine", "raw", "a.parquet")
    pd.testing.assert_frame_equal(lake.read_table("wine", "raw", "a.parquet"), frame)
    assert list(lake.read_table("wine", "raw", "a.parquet", columns=["word"]).columns) == ["word"]


@pytest.mark.parametrize("parts", [(), ("..",), ("wine", "../../x"), ("/etc",), ("a", ""), ("a\0b",), ("a", ".")])
def test_no_path_leads_out_of_the_lake(lake: Lake, parts: tuple[str, ...]) -> None:
    with pytest.raises(LakeError, match="not a path below"):
        lake.path(*parts)


def test_what_is_not_there_is_an_error(lake: Lake) -> None:
    with pytest.raises(LakeError, match="is not in the lake"):
        lake.read_bytes("wine", "raw", "absent")


def test_staged_bytes_lie_under_their_hash(lake: Lake) -> None:
    staged = lake.stage(io.BytesIO(b"abc"), "wine", 3)
    # SHA-256 of 'abc', FIPS 180-2 appendix B.1
    assert staged.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert staged.size_bytes == 3
    assert files(lake) == [f"wine/staged/{staged.sha256}"]
    assert lake.read_staged("wine", staged.sha256) == b"abc"


def test_staged_bytes_that_were_changed_are_not_used(lake: Lake) -> None:
    staged = lake.stage(io.BytesIO(b"abc"), "wine", 3)
    lake.write_bytes(b"abd", "wine", "staged", staged.sha256)
    with pytest.raises(LakeError, match="was changed after it landed"):
        lake.read_staged("wine", staged.sha256)


def test_a_stream_above_its_limit_leaves_nothing(lake: Lake) -> None:
    with pytest.raises(TooManyBytesError, match="more than 2 bytes"):
        lake.stage(io.BytesIO(b"abc"), "wine", 2)
    assert files(lake) == []


def test_a_stream_that_breaks_off_leaves_nothing(lake: Lake) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(UnreadableError, match="Input/output error"):
        lake.stage(Broken(), "wine", 9)
    assert files(lake) == []


def test_a_check_that_fails_leaves_nothing(lake: Lake) -> None:
    def refuse() -> None:
        raise RuntimeError("changed")

    with pytest.raises(RuntimeError, match="changed"):
        lake.stage(io.BytesIO(b"abc"), "wine", 9, check=refuse)
    assert files(lake) == []
