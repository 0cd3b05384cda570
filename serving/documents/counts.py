"""What is counted of documents for Prometheus, summed over workers as all other counts are."""

from prometheus_client import Counter, Gauge, Histogram

from mlops_assets.ocr.read import ReaderStats
from resources.state.documents import OcrResult
from serving import metrics

OCR_S = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
OF_ENGINES = ("use_case", "engines")
DOCUMENTS = Counter("mlops_documents", "Documents taken.", ("use_case", "known"), registry=metrics.OWN)
OCR_SECONDS = Histogram("mlops_ocr_seconds", "To read a document.", OF_ENGINES, registry=metrics.OWN, buckets=OCR_S)
OCR_PAGES = Counter("mlops_ocr_pages", "Pages read.", OF_ENGINES, registry=metrics.OWN)
OCR_CONFIDENCE = Histogram(
    "mlops_ocr_confidence", "Of what was read.", ("use_case",), registry=metrics.OWN, buckets=metrics.SHARES
)
CHILDREN = Counter("mlops_ocr_children", "Started, recycled, killed.", ("use_case", "event"), registry=metrics.OWN)
RESIDENT = Gauge(
    "mlops_ocr_resident_bytes", "Of OCR's children.", ("use_case",), registry=metrics.OWN, multiprocess_mode="livesum"
)
EVENTS = ("started", "recycled", "killed")
metrics.COUNTED.extend((DOCUMENTS, OCR_SECONDS, OCR_PAGES, OCR_CONFIDENCE, CHILDREN, RESIDENT))


def taken(use_case: str, known: bool) -> None:
    """Count a document that was sent."""
    DOCUMENTS.labels(use_case, str(known).lower()).inc()


def read(use_case: str, result: OcrResult) -> None:
    """Count a document that was read."""
    OCR_SECONDS.labels(use_case, result.engines).observe(result.seconds)
    OCR_PAGES.labels(use_case, result.engines).inc(result.pages)
    if result.confidence is not None:
        OCR_CONFIDENCE.labels(use_case).observe(result.confidence)


def beat(use_case: str, stats: ReaderStats, before: ReaderStats) -> None:
    """Set the gauges of a reader, and count what its children did since the last time."""
    RESIDENT.labels(use_case).set(stats.rss_bytes)
    for event in EVENTS:
        CHILDREN.labels(use_case, event).inc(getattr(stats, event) - getattr(before, event))
