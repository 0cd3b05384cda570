"""A folder of certificates is checked from its files alone, and no change of them goes unseen."""

import shutil
from pathlib import Path

import pytest
from chain import RULE, Chain, edits_caught, evidence, tell

from mlops_assets.certificate.certificate import read_certificate, write_certificate
from mlops_assets.certificate.hashed_files import HashedFiles
from mlops_assets.certificate.sums import SUMS, read_sums, write_sums
from mlops_assets.certificate.verification import check_folder, check_one
from mlops_assets.decision.canonical import sha256_of
from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.judge import judge

EDITS = 200


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("told") / "home"
    tell(home)
    return home


@pytest.fixture
def home(told, tmp_path) -> Path:
    """A copy of the home in another folder."""
    return Path(shutil.copytree(told, tmp_path / "elsewhere"))


def folder_of(home: Path) -> Path:
    return home / "certificates" / "tiny"


def failures(home: Path) -> str:
    return "\n".join(check_folder(folder_of(home)).failures)


def test_a_copy_of_the_home_verifies(home):
    found = check_folder(folder_of(home))
    assert found.failures == ()
    assert (found.certificates, found.judged, found.unjudged, found.absent) == (4, 2, 0, 0)
    newest = (folder_of(home) / "000004-rollback.json").read_bytes()
    assert found.hashes[-1] == sha256_of(newest)


def test_one_certificate_verifies_by_itself(home):
    found = check_one(folder_of(home) / "000002-promote.json")
    assert found.failures == ()
    assert (found.certificates, found.judged) == (1, 1)


def test_every_one_of_two_hundred_random_edits_of_a_byte_is_caught(home):
    assert edits_caught(folder_of(home), EDITS) == EDITS
    assert failures(home) == ""


def test_without_the_comparison_of_hashes_edits_go_unseen(home, monkeypatch):
    monkeypatch.setattr(HashedFiles, "compare", lambda *_: iter(()))
    assert edits_caught(folder_of(home), EDITS) < 0.9 * EDITS


def seal_again(folder: Path) -> None:
    """The list as somebody would write it who changed the files."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name not in (SUMS, ".lock")]
    (folder / SUMS).write_bytes(
        write_sums({str(path.relative_to(folder)): sha256_of(path.read_bytes()) for path in paths})
    )


def rewrite(folder: Path, name: str, **changes) -> None:
    """A certificate changed by somebody who knows the format, the list with it."""
    certificate = read_certificate((folder / name).read_bytes())
    (folder / name).write_bytes(write_certificate(certificate.model_copy(update=changes)))
    seal_again(folder)


def test_a_certificate_changed_together_with_the_list_breaks_the_chain(home):
    rewrite(folder_of(home), "000002-promote.json", reason="another reason")
    assert "000003-reject.json: names" in failures(home)
    assert "as the certificate before, found" in failures(home)


def test_a_chain_written_anew_is_told_by_a_hash_that_was_noted(home):
    noted = check_folder(folder_of(home)).hashes[-1]
    rewrite(folder_of(home), "000004-rollback.json", by="bob")
    found = check_folder(folder_of(home))
    assert found.failures == ()  # what the files alone cannot tell
    assert noted not in found.hashes


def test_a_judgement_changed_with_all_hashes_is_judged_again(tmp_path):
    chain = Chain(tmp_path / "home")
    chain.append("first", 1, [1])
    name = chain.append("promote", 2, [1, 2], evidence(1, 2, better=False))
    found = failures(tmp_path / "home")
    assert "version 2 took over; by its judgement (reject) it was not due to" in found
    judged = read_certificate((chain.folder / name).read_bytes()).evidence[0]
    lied = judged.judgement | {"takes_over": True, "verdict": judged.judgement["verdict"] | {"outcome": "promote"}}
    rewrite(chain.folder, name, evidence=(judged.model_copy(update={"judgement": lied}),))
    found = failures(tmp_path / "home")
    by = "(by mlops-assets 0.2.0)"
    assert f"{name}: judged again, judgement.verdict.outcome is due to be 'promote' {by}, found 'reject'" in found
    assert f"{name}: judged again, judgement.takes_over is due to be True {by}, found False" in found


def test_evidence_of_other_versions_is_not_taken(tmp_path):
    chain = Chain(tmp_path / "home")
    chain.append("first", 1, [1])
    name = chain.append("promote", 2, [1, 2], evidence(1, 2, better=True))
    judged = read_certificate((chain.folder / name).read_bytes()).evidence[0]
    rewrite(chain.folder, name, evidence=(judged.model_copy(update={"challenger": 7}),))
    assert "the evidence cannot be judged: ValueError: it is of versions (1, 2), (1, 7) are due" in failures(
        tmp_path / "home"
    )


def test_evidence_that_is_listed_among_the_data_is_missed(home):
    folder, name = folder_of(home), "000002-promote.json"
    certificate = read_certificate((folder / name).read_bytes())
    mine = {certificate.evidence[0].labels, certificate.evidence[0].facts}
    elsewhere = tuple(file for file in certificate.files if file.path in mine)
    for file in elsewhere:
        (folder / file.path).unlink()
    rewrite(
        folder,
        name,
        files=tuple(file for file in certificate.files if file not in elsewhere),
        data=(*certificate.data, *elsewhere),
    )
    for path in mine:
        assert f"{name}: {path} is due among its files, not found there" in failures(home)


def test_a_verdict_without_evidence_says_why(tmp_path):
    chain = Chain(tmp_path / "home")
    chain.append("first", 1, [1])
    chain.append("reject", 1, [1, 2], without_evidence="decided before any was kept")
    assert failures(tmp_path / "home") == ""
    chain.append("reject", 1, [1, 3], by="ann")
    chain.append("promote", 4, [1, 4])
    for name, kind in (("000003-reject.json", "reject"), ("000004-promote.json", "promote")):
        assert f"{name}: a verdict decided {kind}; its evidence is due, or why there is none" in failures(
            tmp_path / "home"
        )


def let_through(home: Path, by: Evidence) -> str:
    """What is told of a promotion of version 2 over version 1 that other evidence let happen."""
    chain = Chain(home)
    chain.append("first", 1, [1])
    name = chain.append("promote", 2, [1, 2], evidence(1, 2, better=True))
    certificate = read_certificate((chain.folder / name).read_bytes())
    labels, facts = chain.store.keep(by.labels_bytes(), "parquet"), chain.store.keep(by.facts_bytes(), "json")
    later = {"labels": labels.path, "facts": facts.path, "judgement": judge(by, RULE, paired=True).to_dict()}
    versions = {"champion": by.facts["champion"], "challenger": by.facts["challenger"]}
    judged = (certificate.evidence[0], certificate.evidence[0].model_copy(update=later | versions))
    rewrite(chain.folder, name, evidence=judged, files=(*certificate.files, labels, facts))
    return failures(home)


def test_evidence_of_another_pair_lets_nothing_happen(tmp_path):
    assert let_through(tmp_path / "same", evidence(1, 2, better=True, n=119)) == ""
    assert "evidence of the versions that it names is due" in let_through(
        tmp_path / "other", evidence(1, 3, better=True)
    )


def test_a_look_without_checks_lets_nothing_happen(tmp_path):
    undecided = evidence(1, 2, better=True, n=10)
    del undecided.facts["checks"]
    assert "were not checked when it did" in let_through(tmp_path / "home", undecided)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1" + 400 * "0", '"\\ud800"', 99_999 * "[" + 99_999 * "]"])
def test_json_that_no_certificate_has_is_told(home, number):
    folder, name = folder_of(home), "000002-promote.json"
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data.replace(b'"expected":null', b'"expected":{"gain":' + number.encode() + b"}"))
    seal_again(folder)
    assert f"{name}: no " in failures(home)


@pytest.mark.parametrize("split", ["1" + 400 * "0", "{}", '"a half"'])
def test_facts_that_cannot_be_judged_are_told(tmp_path, split):
    chain = Chain(tmp_path / "home")
    chain.append("first", 1, [1])
    name = chain.append("promote", 2, [1, 2], evidence(1, 2, better=True))
    certificate = read_certificate((chain.folder / name).read_bytes())
    sound = evidence(1, 2, better=True).facts_bytes()
    facts = chain.store.keep(sound.replace(b'"split_b":0.2', b'"split_b":' + split.encode()), "json")
    judged = certificate.evidence[0].model_copy(update={"facts": facts.path})
    rewrite(chain.folder, name, evidence=(judged,), files=(*certificate.files, facts))
    assert "the evidence cannot be judged" in failures(tmp_path / "home")


@pytest.mark.parametrize("name", ["000001-first.json", "000003-reject.json", "000004-rollback.html"])
def test_a_file_that_is_gone_is_missed(home, name):
    (folder_of(home) / name).unlink()
    assert f"{name}: SHA-256" in failures(home)
    assert "found no such file" in failures(home)


def test_a_certificate_left_out_of_the_list_and_of_the_folder_leaves_a_gap(home):
    folder = folder_of(home)
    (folder / "000002-promote.json").unlink()
    (folder / "000002-promote.html").unlink()
    seal_again(folder)
    assert "000003-reject.json: certificate number 2 is due here, found 3" in failures(home)


def test_the_list_must_be_there(home):
    (folder_of(home) / SUMS).unlink()
    assert "SHA256SUMS: a list of all files is due" in failures(home)


def test_a_certificate_that_is_not_listed_is_told(home):
    folder = folder_of(home)
    listed = read_sums((folder / SUMS).read_bytes())
    (folder / SUMS).write_bytes(write_sums({path: due for path, due in listed.items() if "rollback.json" not in path}))
    assert "000004-rollback.json: due in SHA256SUMS, not found there" in failures(home)


def test_data_that_is_not_in_the_copy_is_counted_and_no_failure(home):
    shutil.rmtree(home / "lake")
    found = check_folder(folder_of(home))
    assert (found.absent, found.failures) == (1, ())


def test_batches_that_do_not_make_the_data_hash_are_told(home):
    folder, name = folder_of(home), "000004-rollback.json"
    certificate = read_certificate((folder / name).read_bytes())
    version = certificate.versions[0]
    other = version.model_copy(update={"retrain": version.retrain.model_copy(update={"data_hash": "0" * 64})})
    rewrite(folder, name, versions=(other, *certificate.versions[1:]))
    assert f"{name}: retrain 2: data hash {'0' * 64} is due, its batches give" in failures(home)
    assert f"data hash {'0' * 64} is due of retrain 2, found" in failures(home)  # of the bundle's manifest


def test_a_path_out_of_the_folder_is_not_followed(home):
    folder, name = folder_of(home), "000004-rollback.json"
    certificate = read_certificate((folder / name).read_bytes())
    outside = certificate.files[0].model_copy(update={"path": "../../../secret"})
    rewrite(folder, name, files=(*certificate.files, outside))
    assert f"{name}: '../../../secret' is no path below its folder" in failures(home)
