"""A certificate as a page: what was decided, on what evidence, and the hashes by which anybody can check it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mlops_assets.certificate.certificate import KINDS_OF_CHAMPIONS, Alarm, Certificate, Judged, Retrain, Version
from mlops_assets.report.page import cards, facts, page, section, table

STYLE = """
td { overflow-wrap: anywhere; min-width: 6rem }
td.number { min-width: auto; white-space: nowrap }
@media print {
  body { font-size: 11px; margin: 0; max-width: none } h2 { break-after: avoid }
  tr { break-inside: avoid } .wide { overflow: visible }
}
"""
EVIDENCE = ("Evidence", "Evidence that let it happen, after it was blocked")
EXPECTED = "{a_row:.4g} loss a row ({low:.4g} to {high:.4g}, by {source}), {gain:,.4g} over {horizon_rows:,} rows"
DONE = {
    "first": "version {champion} is the first champion",
    "promote": "version {champion} is champion in place of version {before}",
    "rollback": "version {champion} is champion again, in place of version {before}",
    "reject": "version {other} was rejected; version {champion} stays champion",
    "equivalent": "version {other} makes no difference that counts; version {champion} stays champion",
    "inconclusive": "the labels were spent without an answer; version {champion} stays champion",
}
WATCH_ENDED = {
    "reject": "the watch of version {other}, champion before, ended: it is worse; version {champion} stays champion",
    "equivalent": "the watch of version {other}, champion before, ended: it makes no difference that counts; "
    "version {champion} stays champion",
    "inconclusive": "the watch of version {other}, champion before, ended without an answer; "
    "version {champion} stays champion",
}


def certificate_html(certificate: Certificate, sha256: str) -> str:
    """The page; `sha256` is that of the certificate's file."""
    return page(
        f"{certificate.use_case}: certificate {certificate.number}, {certificate.kind}",
        f"{done(certificate).capitalize()}. Decided {_moment(certificate.decided_at)} by {certificate.by}.",
        [
            cards(_headline(certificate)),
            section("Why", facts(_why(certificate))),
            *(part for place, judged in enumerate(certificate.evidence) for part in _judged(judged, EVIDENCE[place])),
            *(_version(version) for version in certificate.versions),
            *(
                section(f"Retrain {one.number} since the certificate before: {one.status}", *_retrain(one))
                for one in certificate.refused
            ),
            section("Files", table(("file", "bytes", "SHA-256"), _files(certificate))),
            section("Chain", facts(_chain(certificate, sha256))),
        ],
        STYLE,
    )


def done(certificate: Certificate) -> str:
    """What the decision did, in words: 'version 2 is champion in place of version 1'."""
    others = [version.version for version in certificate.versions if version.version != certificate.champion]
    other = others[0] if others else None
    # A challenger is newer than the champion, but for the one that the champion replaced and that is watched since.
    watched = certificate.kind in WATCH_ENDED and other is not None and other < certificate.champion
    return (WATCH_ENDED if watched else DONE)[certificate.kind].format(
        champion=certificate.champion, before=other, other=other
    )


def _headline(certificate: Certificate) -> dict[str, Any]:
    shown: dict[str, Any] = {"decision": certificate.kind, "champion": f"version {certificate.champion}"}
    if certificate.evidence:
        verdict = certificate.evidence[0].judgement["verdict"]
        shown |= {
            "labels": f"{verdict['labels']:,}",
            "better by": f"{verdict['estimate']:.4g}",
            "interval": f"{verdict['low']:.4g} to {verdict['high']:.4g}",
        }
    return shown


def _why(certificate: Certificate) -> Iterator[tuple[Any, ...]]:
    yield "reason", certificate.reason
    yield "by", certificate.by
    yield "decided", _moment(certificate.decided_at)
    yield "written", _moment(certificate.written_at)
    if certificate.without_evidence is not None:
        yield "no evidence", certificate.without_evidence
    elif not certificate.evidence:
        who = (
            "a person's decision" if certificate.kind in KINDS_OF_CHAMPIONS[1:] else "there was nobody to compare with"
        )
        yield "no evidence", f"{who}: nothing was judged"


def _judged(judged: Judged, title: str) -> Iterator[str]:
    said = judged.judgement
    rows = [
        ("versions", f"{judged.challenger} against {judged.champion}"),
        ("verdict", said["verdict"]["sentence"]),
        ("takes over", "yes" if said["takes_over"] else "no"),
        *(("blocked", f"{block['name']}: {block['sentence']}") for block in said["blocks"]),
        *((name.replace("_", " "), _plain(value)) for name, value in said["figures"].items()),
        ("labels", judged.labels),
        ("facts", judged.facts),
        ("compared", "both versions on the same requests" if judged.paired else "each version on its own requests"),
    ]
    yield section(title, facts(rows))
    yield section("Rule", facts((name.replace("_", " "), _plain(value)) for name, value in judged.rule.items()))


def _version(version: Version) -> str:
    retrain = version.retrain
    rows = [("bundle's manifest", version.manifest or "not kept")]
    parts = [facts(rows)] if retrain is None else [facts(rows), *_retrain(retrain)]
    return section(f"Version {version.version}", *parts)


def _retrain(retrain: Retrain) -> Iterator[str]:
    ended = _moment(retrain.finished_at) if retrain.finished_at else "not ended"
    rows = [
        ("retrain", f"{retrain.number}, {_moment(retrain.started_at)} to {ended}"),
        ("cause", retrain.cause),
        ("expected gain", EXPECTED.format(**retrain.expected) if retrain.expected else "not known"),
        ("gate", retrain.gate or "none"),
        ("rows", f"{retrain.rows:,}"),
        ("data hash", retrain.data_hash),
        ("MLflow run", retrain.mlflow_run or "none"),
        ("Dagster run", retrain.dagster_run),
    ]
    yield facts(rows)
    yield table(
        ("batch", "file", "accepted", "quarantined", "SHA-256"),
        [(one.key, one.name, one.rows_accepted, one.rows_quarantined, one.sha256) for one in retrain.batches],
        "its batches are not known any more",
    )
    if retrain.alarms:
        yield table(
            ("drift of batch", "against version", "data", "model", "harm", "in words"),
            [
                (one.batch, one.champion, one.status, one.model_status, _harm(one), one.sentence)
                for one in retrain.alarms
            ],
        )
    if retrain.candidates:
        metric = retrain.candidates[0].metric
        yield table(
            ("candidate", metric, "±", "status", "reason"),
            [(one.candidate, one.mean, one.std, one.status, one.reason) for one in retrain.candidates],
        )


def _harm(alarm: Alarm) -> str:
    if alarm.harm is None:
        return "not looked at"
    return "proven" if alarm.harm["proven"] else "not proven"


def _files(certificate: Certificate) -> Iterator[tuple[Any, ...]]:
    """Files below evidence/ lie beside the page, those below lake/ in the home."""
    for file in (*certificate.files, *certificate.data):
        yield file.path.replace(file.sha256, "(its SHA-256)"), file.bytes, file.sha256


def _chain(certificate: Certificate, sha256: str) -> Iterator[tuple[Any, ...]]:
    code = certificate.code
    yield "this certificate", sha256
    yield "the one before", certificate.previous or "none: this is the first"
    yield "use case, as it was", certificate.spec
    yield "code", f"mlops-assets {code.package}, commit {code.commit or 'not known'}"
    yield "its lock file", code.lock_sha256 or "not known"
    yield "check", "mlops verify FILE, with the folder that holds it; sha256sum -c SHA256SUMS checks the files alone"


def _plain(value: Any) -> Any:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(str(_plain(one)) for one in value) or "none"
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    return f"{value:.6g}"


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"
