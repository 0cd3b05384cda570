"""GET /metrics: what the processes counted, and what the state database says at this moment."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from resources.state.promotions import history
from serving import metrics
from serving.contest import Contest, read_contest
from serving.courses import Told
from serving.router import Router

# Use case: its contest, number of promotions, time of the last one, how it went.
Found = dict[str, tuple[Contest, int, float, Told]]
ENDS = ("estimate", "low", "high")


def routes(router: Router) -> Blueprint:
    """GET /metrics."""
    api = Blueprint("metrics", __name__)

    @api.get("/metrics")
    def show_metrics() -> Response:
        router.beat()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(metrics.collector())
        registry.register(StateCollector(router))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type)

    return api


class StateCollector:
    """Gauges read at scrape time; without the database one gauge says so, and the counts above still come."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def collect(self) -> Iterator[Metric]:
        """Every gauge that follows from the tables."""
        reachable = GaugeMetricFamily("mlops_state_reachable", "1 while the state database answers.")
        try:
            found = self._read()
        except sa.exc.SQLAlchemyError:
            reachable.add_metric([], 0)
            yield reachable
            return
        reachable.add_metric([], 1)
        yield reachable
        yield from _experiments(found)
        yield from _promotions(found)
        yield from _anomalies(found)

    def _read(self) -> Found:
        found: Found = {}
        with self._router.state.read() as connection:
            for name, use_case in self._router.use_cases.items():
                last = history(connection, name, limit=1)
                promoted = (last[0].number, last[0].at.timestamp()) if last else (0, 0.0)
                contest = read_contest(connection, self._router, use_case)
                found[name] = (contest, *promoted, self._router.course(connection, name))
        return found


def _experiments(found: Found) -> Iterator[Metric]:
    split = GaugeMetricFamily("mlops_split_b", "Share of units that B is due.", labels=["use_case"])
    ratio = GaugeMetricFamily("mlops_sample_ratio_p_value", "Below 0.001 no promotion.", labels=["use_case"])
    labels = GaugeMetricFamily("mlops_labels", "Labels of the versions that serve.", labels=["use_case", "arm"])
    gain = GaugeMetricFamily("mlops_difference", "Champion loss minus challenger loss.", labels=["use_case", "end"])
    verdict = GaugeMetricFamily("mlops_verdict", "1 for the newest outcome.", labels=["use_case", "outcome"])
    for name, (contest, _, _, _) in found.items():
        split.add_metric([name], contest.routing.split_b)
        for arm, count in contest.labels.items():
            labels.add_metric([name, arm], count)
        if contest.ratio_p_value is not None:
            ratio.add_metric([name], contest.ratio_p_value)
        if contest.running and contest.verdict is not None:
            verdict.add_metric([name, contest.verdict.outcome], 1)
            for end in ENDS:
                if getattr(contest.verdict, end) is not None:
                    gain.add_metric([name, end], getattr(contest.verdict, end))
    yield from (split, ratio, labels, gain, verdict)


def _promotions(found: Found) -> Iterator[Metric]:
    total = CounterMetricFamily("mlops_promotions", "Changes of champion, rollbacks too.", labels=["use_case"])
    last = GaugeMetricFamily("mlops_last_promotion_timestamp_seconds", "Unix time.", labels=["use_case"])
    for name, (_, number, at, _) in found.items():
        total.add_metric([name], number)
        if number:
            last.add_metric([name], at)
    yield from (total, last)


def _anomalies(found: Found) -> Iterator[Metric]:
    alarm = GaugeMetricFamily("mlops_anomaly", "1 when a series changed this week.", labels=["use_case", "series"])
    evidence = GaugeMetricFamily("mlops_anomaly_evidence", "Of it; alarms from 120 on.", labels=["use_case", "series"])
    for name, (_, _, _, told) in found.items():
        for one in told.findings:
            alarm.add_metric([name, one.series], one.alarmed)
            evidence.add_metric([name, one.series], one.evidence)
    yield from (alarm, evidence)
