"""Certificates are written once, whole, and in a chain, whatever dies between."""

import os

import pytest
from chain import Chain, tell

from mlops_assets.certificate.certificate import CertificateError
from mlops_assets.certificate.sums import SUMS, read_sums
from mlops_assets.certificate.verification import check_folder
from mlops_assets.decision.canonical import sha256_of
from resources.failpoint import EXIT_CODE, VARIABLE


@pytest.fixture
def chain(tmp_path) -> Chain:
    return tell(tmp_path / "home")


def names(chain: Chain) -> list[str]:
    return sorted(path.name for path in chain.folder.iterdir() if path.is_file() and path.name != ".lock")


def test_each_decision_is_a_file_and_a_page_in_order(chain):
    kinds = ["000001-first", "000002-promote", "000003-reject", "000004-rollback"]
    assert names(chain) == sorted([SUMS, *(f"{kind}.{suffix}" for kind in kinds for suffix in ("html", "json"))])
    assert [one.name for one in chain.store.readable()] == [f"{kind}.json" for kind in kinds]


def test_each_names_the_hash_of_the_one_before(chain):
    kept = list(chain.store.readable())
    assert [one.certificate.previous for one in kept] == [None, *(one.sha256 for one in kept[:-1])]
    for one in kept:
        assert one.sha256 == sha256_of((chain.folder / one.name).read_bytes())


def test_the_same_evidence_is_kept_once(chain):
    before = sorted((chain.folder / "evidence").iterdir())
    first = chain.store.keep(b"labels", "parquet")
    assert chain.store.keep(b"labels", "parquet") == first
    assert first.path == f"evidence/{sha256_of(b'labels')}.parquet"
    assert len(list((chain.folder / "evidence").iterdir())) == len(before) + 1


@pytest.mark.parametrize("point", ["certificate_written", "certificate_drawn", "certificate_listed"])
def test_a_writer_that_died_leaves_one_certificate_which_the_next_look_finishes(chain, point):
    child = os.fork()
    if child == 0:
        os.environ[VARIABLE] = point
        chain.append("rollback", 2, [1, 2], by="bob")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT_CODE
    unfinished = point != "certificate_listed"
    assert chain.store.unfinished() == (["000005-rollback.json"] if unfinished else [])
    assert bool(check_folder(chain.folder).failures) == unfinished
    with chain.store.locked():
        newest = chain.store.newest()
    assert (newest.name, newest.certificate.by) == ("000005-rollback.json", "bob")
    assert (check_folder(chain.folder).failures, check_folder(chain.folder).certificates) == ((), 5)
    assert chain.append("rollback", 1, [2, 1], by="ann") == "000006-rollback.json"
    assert check_folder(chain.folder).failures == ()


def test_nothing_follows_a_certificate_that_was_changed(chain):
    path = chain.folder / "000004-rollback.json"
    path.write_bytes(path.read_bytes().replace(b'"by":"ann"', b'"by":"bob"'))
    with pytest.raises(CertificateError, match=r"000004-rollback.json was changed after it was written.*restore it"):
        chain.append("rollback", 2, [1, 2])
    assert "000005-rollback.json" not in names(chain)


def test_a_foreign_certificate_is_not_taken_for_an_unfinished_one(chain):
    foreign = (chain.folder / "000002-promote.json").read_bytes()
    (chain.folder / "000005-promote.json").write_bytes(foreign)
    with pytest.raises(CertificateError, match="not the next of the chain, which would be number 5"):
        chain.append("rollback", 2, [1, 2])


@pytest.mark.parametrize(
    "changes", [{"number": 7}, {"previous": "0" * 64}, {"previous": None}, {"use_case": "another"}]
)
def test_only_the_next_of_the_chain_is_written(chain, changes):
    with pytest.raises(CertificateError, match="not the next of the chain"):
        chain.append("rollback", 2, [1, 2], **changes)
    assert len(list(chain.store.readable())) == 4


def test_the_list_names_every_file(chain):
    listed = read_sums((chain.folder / SUMS).read_bytes())
    present = {str(path.relative_to(chain.folder)) for path in chain.folder.rglob("*") if path.is_file()}
    assert set(listed) == present - {SUMS, ".lock"}


def test_the_page_says_what_was_decided_and_shows_every_hash(chain):
    text = (chain.folder / "000002-promote.html").read_text("utf-8")
    assert "Version 2 is champion in place of version 1. Decided 2026-03-01 14:00:00 UTC by verdict." in text
    for file in next(one for one in chain.store.readable() if one.certificate.number == 2).certificate.files:
        assert file.sha256 in text
    assert sha256_of((chain.folder / "000002-promote.json").read_bytes()) in text
    assert "<script" not in text
    assert "http" not in text
