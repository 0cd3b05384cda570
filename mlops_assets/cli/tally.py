"""What became of simulated traffic, counted as it happens."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from mlops_assets.cli.load import Hit, Ran
from mlops_assets.cli.router_client import Reply

MS = 1000.0
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def _doubles() -> "array[float]":
    return array("d")


@dataclass
class Tally:
    """Answers by arm and version, truths by what the router made of them, failures by reason, latencies in seconds."""

    asked: int = 0
    degraded: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    truths: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    latencies: "array[float]" = field(default_factory=_doubles)
    late: "array[float]" = field(default_factory=_doubles)

    def count_answer(self, hit: Hit[Any, Reply]) -> None:
        """Count one request for a prediction; a failed one has a latency too."""
        self.asked += 1
        self.latencies.append(hit.latency_s)
        self.late.append(hit.late_s)
        if self._failed("predict", hit.reply):
            return
        self.answers[hit.reply.body["arm"], hit.reply.body["version"]] += 1
        self.degraded += hit.reply.body["degraded"]

    def count_truth(self, reply: Reply) -> None:
        """Count one truth."""
        if not self._failed("feedback", reply):
            self.truths.update(result["status"] for result in reply.body["results"])

    def progress(self, elapsed_s: float) -> str:
        """One line about now."""
        p99 = percentiles(self.latencies)["p99"]
        return (
            f"{elapsed_s:.0f} s: {self.asked} requests ({self.asked / max(elapsed_s, 1e-9):.1f}/s), p99 {p99:.1f} ms, "
            f"{self.truths.total()} truths, {self.failed.total()} failed"
        )

    def to_dict(self, ran: Ran) -> dict[str, Any]:
        """All of it, JSON-ready; latencies in milliseconds from when a request was due."""
        return {
            "requests": self.asked,
            "seconds": round(ran.seconds, 3),
            "interrupted": ran.interrupted,
            "answers": [
                {"arm": arm, "version": version, "answers": found}
                for (arm, version), found in sorted(self.answers.items())
            ],
            "per_arm": {arm: sum(n for (of, _), n in self.answers.items() if of == arm) for arm, _ in self.answers},
            "degraded": self.degraded,
            "truths": dict(sorted(self.truths.items())),
            "failed": dict(self.failed.most_common()),
            "failed_examples": self.example,
            "latency_ms": percentiles(self.latencies),
            "waited_for_a_thread_ms": percentiles(self.late),
        }

    def _failed(self, what: str, reply: Reply) -> bool:
        if reply.problem:
            reason = f"{what}: {reply.reason}"
            self.failed[reason] += 1
            self.example.setdefault(reason, reply.problem)
        return bool(reply.problem)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds below which so large a share of the values lies (nearest rank); 0 without values."""
    ordered = sorted(seconds)
    ranks = {name: max(0, ceil(share * len(ordered)) - 1) for name, share in SHARES.items()}
    return {name: round(ordered[rank] * MS, 3) if ordered else 0.0 for name, rank in ranks.items()}
