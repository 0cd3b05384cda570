"""What Prometheus is told about documents."""

import io

import pytest
from fake_reader import scan

from serving import metrics
from serving.documents import counts


@pytest.fixture(autouse=True)
def from_zero():
    for metric in metrics.COUNTED:
        metric.clear()
    metrics._arms.clear()


@pytest.fixture
def registry(registry):
    registry.add("letters", 1, "champion", value="bill", classes=["bill", "letter"], needs="")
    return registry


def upload(client, *texts, path="/upload"):
    for text in texts:
        body = {"file": (io.BytesIO(scan(text)), "scan.png")}
        client.post(path, data=body, content_type="multipart/form-data")


def shown(client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_the_whole_path_is_counted(client):
    upload(client, "one", "two", "two", "!encrypted", "!busy", "three words here")
    upload(client, "four", path="/upload-and-predict")
    told = shown(client)
    assert told['mlops_documents_total{known="false",use_case="letters"}'] == 6
    assert told['mlops_documents_total{known="true",use_case="letters"}'] == 1
    assert told['mlops_ocr_seconds_count{engines="tesseract",use_case="letters"}'] == 4
    assert told['mlops_ocr_pages_total{engines="tesseract",use_case="letters"}'] == 4
    assert told['mlops_ocr_confidence_count{use_case="letters"}'] == 4
    assert told['mlops_ocr_confidence_sum{use_case="letters"}'] == pytest.approx(3.6)
    assert told['mlops_refusals_total{reason="document:encrypted",use_case="letters"}'] == 1
    assert told['mlops_refusals_total{reason="document:busy",use_case="letters"}'] == 1
    assert told['mlops_waiting{queue="ocr"}'] == 0
    assert told['mlops_confidence_sum{arm="A",use_case="letters",version="1"}'] == 1.0
    assert told['mlops_answers_total{arm="A",use_case="letters",version="1"}'] == 1


def test_children_are_counted_once_however_often_one_looks(client):
    upload(client, "one")
    for _ in range(3):
        told = shown(client)
    events = {event: told[f'mlops_ocr_children_total{{event="{event}",use_case="letters"}}'] for event in counts.EVENTS}
    assert events == {"started": 1, "recycled": 2, "killed": 3}
    assert told['mlops_ocr_resident_bytes{use_case="letters"}'] == 2**20


def test_a_full_queue_is_counted_as_busy(client, router, readers):
    queue = router.documents.queues["letters"]
    while queue._places.acquire(blocking=False):
        pass
    upload(client, "one")
    assert shown(client)['mlops_refusals_total{reason="document:busy",use_case="letters"}'] == 1
