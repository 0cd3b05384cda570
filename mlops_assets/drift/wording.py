"""A finding in words."""

from mlops_assets.drift.findings import Finding

WORDS = {
    "shift": "mean moved by {0.effect:+.2f} reference standard deviations",
    "spread": "spread moved by {0.effect:+.2f}",
    "tail": "share beyond a 5 % quantile changed by {0.effect:+.3f}",
    "extremes": "{0.effect:.3f} of the rows moved into, within or out of a tail",
    "shape": "{0.effect:.3f} of the rows lie elsewhere",
    "label": "share of {0.detail} changed by {0.effect:+.3f}",
    "unseen": "{0.effect:.3f} of the rows have a label that training never saw",
    "missing": "missing share rose by {0.effect:.3f}",
    "correlation": "correlation of {0.detail} changed by {0.effect:+.2f}",
    "overall": "all moved by {0.effect:.2f} (root mean square), more than chance moves so many at once",
}


def reason(finding: Finding) -> str:
    """What a finding says, and how surprising that is."""
    return f"{WORDS[finding.kind].format(finding)} (score {finding.score:.1f})"
