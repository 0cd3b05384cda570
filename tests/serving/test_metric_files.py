import pytest

from serving import metric_files
from serving.metric_files import MetricsError, prepare


def test_a_new_router_begins_with_no_counts(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_0.db").write_bytes(b"of the day before")
    prepare(folder)
    assert list(folder.iterdir()) == []


def test_a_router_that_still_counts_is_not_disturbed(tmp_path):
    (tmp_path / "counter_0.db").write_bytes(b"counts")
    with (tmp_path / "0.lock").open("w") as lock:
        assert metric_files._lock(lock)
        with pytest.raises(MetricsError, match="another router counts there"):
            prepare(tmp_path)
    assert (tmp_path / "counter_0.db").exists()


def test_counts_that_do_not_add_up_keep_the_router_from_starting(tmp_path, monkeypatch):
    # a lock that two processes can take: both write the files of slot 0, and one count is lost
    blind = "from serving import metric_files; metric_files._lock = lambda file: True; "
    monkeypatch.setattr(metric_files, "COUNT_ONE", blind + "metric_files.count_one({folder!r})")
    with pytest.raises(MetricsError, match="2 processes counted one each, but the sum is 1"):
        prepare(tmp_path / "metrics")


def test_a_counting_process_that_fails_keeps_the_router_from_starting(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_files, "COUNT_ONE", "raise SystemExit({folder!r})")
    with pytest.raises(MetricsError, match="a process that only counts failed"):
        prepare(tmp_path / "metrics")
