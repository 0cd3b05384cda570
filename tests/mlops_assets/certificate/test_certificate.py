import json

import pytest
from chain import tell

from mlops_assets.certificate.certificate import (
    Certificate,
    CertificateError,
    file_name,
    read_certificate,
    write_certificate,
)
from mlops_assets.certificate.sums import read_sums, write_sums
from mlops_assets.decision.canonical import canonical


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> bytes:
    chain = tell(tmp_path_factory.mktemp("chain"))
    return (chain.folder / "000002-promote.json").read_bytes()


def test_a_certificate_reads_back_and_writes_the_same(data):
    certificate = read_certificate(data)
    assert (certificate.number, certificate.kind, certificate.champion) == (2, "promote", 2)
    assert write_certificate(certificate) == data


def test_its_bytes_are_those_of_any_implementation_of_the_rfc(data):
    assert canonical(json.loads(data)) == data


def test_names_are_in_the_order_of_the_chain():
    assert file_name(12, "reject") == "000012-reject.json"
    assert file_name(12, "reject", "html") == "000012-reject.html"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace('"number":2', '"number": 2'), "not in its canonical form"),
        (lambda text: text.replace('"number":2', '"number":2.0'), "not in its canonical form"),
        (lambda text: text.replace("12:00:00Z", "12:00:00+00:00"), "not in its canonical form"),
        (lambda text: text + "\n", "not in its canonical form"),
        (lambda text: text.replace('"number":2', '"nomber":2'), "no certificate of schema 1: number: Field required"),
        (lambda text: text.replace('"schema_version":1', '"schema_version":2'), "schema 1: schema_version"),
        (lambda text: text.replace('"kind":"promote"', '"kind":"promoted"'), "schema 1: kind"),
        (lambda text: text[:-1], "no JSON"),
    ],
)
def test_other_bytes_are_no_certificate(data, change, words):
    with pytest.raises(CertificateError, match=words):
        read_certificate(change(data.decode()).encode())


def test_bytes_that_are_no_text_are_no_certificate():
    with pytest.raises(CertificateError, match="no JSON"):
        read_certificate(b"\xff\xfe{}")


def test_a_list_reads_back_and_is_sorted():
    hashes = {"b": "0" * 64, "a c": "1" * 64}
    assert write_sums(hashes).decode() == f"{'1' * 64}  a c\n{'0' * 64}  b\n"
    assert read_sums(write_sums(hashes)) == hashes
    assert read_sums(b"") == {}


@pytest.mark.parametrize(
    "data",
    [
        b"x  a\n",
        b"0" * 64 + b" a\n",
        b"0" * 64 + b"  a",
        b"0" * 64 + b"  b\n" + b"0" * 64 + b"  a\n",
        b"0" * 64 + b"  a\n" + b"1" * 64 + b"  a\n",
        b"A" * 64 + b"  a\n",
    ],
)
def test_other_lines_are_no_list(data):
    with pytest.raises(CertificateError, match="a hash, two blanks and a path are due"):
        read_sums(data)


def test_a_list_that_is_no_text_is_refused():
    with pytest.raises(CertificateError, match="no UTF-8 text"):
        read_sums(b"\xff")


def test_a_certificate_from_before_a_field_was_added_is_still_whole(data, monkeypatch):
    class Later(Certificate):
        added: str | None = None

    monkeypatch.setattr("mlops_assets.certificate.certificate.Certificate", Later)
    assert read_certificate(data).added is None
