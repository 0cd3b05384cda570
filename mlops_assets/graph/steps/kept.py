"""The evidence of a verdict kept beside the certificates, before anything follows from it."""

from mlops_assets.decision.evidence import Evidence
from mlops_assets.decision.judge import Judgement
from mlops_assets.graph.steps.certify import open_certificates
from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.state.evidence import KeptEvidence


def keep_evidence(
    installation: Installation, use_case: UseCase, evidence: Evidence, judgement: Judgement
) -> KeptEvidence:
    """The row that tells what was judged; its files are written, the row is not yet."""
    store = open_certificates(installation, use_case)
    labels = store.keep(evidence.labels_bytes(), "parquet")
    facts = store.keep(evidence.facts_bytes(), "json")
    reach("evidence_kept")
    return KeptEvidence(
        use_case=use_case.name,
        champion_version=evidence.facts["champion"],
        challenger_version=evidence.facts["challenger"],
        labels=labels.model_dump(),
        facts=facts.model_dump(),
        rule=use_case.decision.model_dump(mode="json"),
        paired=use_case.routing.paired,
        judgement=judgement.to_dict(),
        at=installation.clock(),
    )
