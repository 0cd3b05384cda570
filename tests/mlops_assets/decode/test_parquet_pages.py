import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_assets.decode import parquet_pages
from mlops_assets.decode.parquet_pages import PagesError, check_pages


def written(table: pa.Table, **options) -> tuple[io.BytesIO, pq.FileMetaData]:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file, pq.read_metadata(file)


def table(rows: int = 5_000) -> pa.Table:
    generator = np.random.default_rng(0)
    values = generator.normal(size=rows)
    return pa.table(
        {"number": values, "text": [f"row {value:.3f}" for value in values], "hole": [None, 1] * (rows // 2)}
    )


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_pages_are_as_large_as_their_headers_say(compression, version, dictionary):
    options = {"compression": compression, "data_page_version": version, "use_dictionary": dictionary}
    file, metadata = written(table(), data_page_size=4_096, row_group_size=2_000, **options)
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            largest, pages = parquet_pages._largest_page(file, column, 10_000)
            # the footer counts headers too, which are some dozen bytes each
            assert largest <= column.total_uncompressed_size <= pages * (largest + 200)
    check_pages(file, metadata)


def test_a_page_that_unpacks_to_more_is_refused_whatever_the_footer_says(monkeypatch):
    file, metadata = written(pa.table({"x": np.zeros(20_000)}), compression="zstd", use_dictionary=False)
    assert metadata.row_group(0).column(0).total_compressed_size < 1_000
    monkeypatch.setattr(parquet_pages, "OPEN_BYTES_MAX", 150_000)
    with pytest.raises(PagesError, match=r"its pages unpack to 160,0.. bytes at once, 150,000 are allowed"):
        check_pages(file, metadata)


def test_pages_without_end_are_refused(monkeypatch):
    file, metadata = written(table(), data_page_size=1_024, use_dictionary=False)
    monkeypatch.setattr(parquet_pages, "PAGES_MAX", 5)
    with pytest.raises(PagesError, match="more than 5 pages"):
        check_pages(file, metadata)


@pytest.mark.parametrize("rubbish", [bytes(100), b"\xff" * 100, b"\x19" * 100, b"\x1c" * 100, b""])
def test_a_page_without_a_header_is_refused(rubbish):
    with pytest.raises(PagesError, match="no header"):
        parquet_pages._read_header(rubbish)
