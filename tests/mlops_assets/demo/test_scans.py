import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from mlops_assets.demo.papers import KINDS, words_in, write_paper
from mlops_assets.demo.scans import draw_archive


def test_the_same_seed_draws_the_same_bytes():
    assert draw_archive("english", 4, photographed=True, random_state=5) == draw_archive(
        "english", 4, photographed=True, random_state=5
    )


@pytest.mark.parametrize("photographed", [False, True])
def test_every_page_opens_and_has_its_kind_and_its_maker(photographed):
    archive = zipfile.ZipFile(io.BytesIO(draw_archive("spanish", 6, photographed=photographed, random_state=1)))
    *pages, table = archive.namelist()
    lines = archive.read(table).decode().splitlines()
    assert lines[0] == "file,label,source"
    assert [line.split(",")[:2] for line in lines[1:]] == [[name, KINDS[at % 4]] for at, name in enumerate(pages)]
    for name in pages:
        with Image.open(io.BytesIO(archive.read(name))) as image:
            assert image.format == ("JPEG" if photographed else "PNG")
            assert np.asarray(image).std() > 10  # something stands on it


def test_languages_share_no_title():
    for kind in KINDS:
        assert not {*words_in("english")[kind]} & {*words_in("spanish")[kind]} - {"no"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_says_what_it_is(kind):
    said = {word for line in write_paper(kind, "english", np.random.default_rng(0)) for word in line}
    assert any(mark in text for text in said for mark in words_in("english")[kind])
