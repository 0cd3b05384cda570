import dagster as dg
from tiny_loop import accept

from mlops_assets.graph.schedule import build_watch_schedule


def evaluate(installation, instance):
    schedule = build_watch_schedule(installation.use_cases["tiny"])
    return schedule(dg.build_schedule_context(instance=instance, resources={"installation": installation}))


def test_without_an_accepted_batch_there_is_nothing_to_watch(open_empty, instance):
    assert evaluate(open_empty(), instance).skip_message == "no batch was accepted yet; there is nothing to watch"


def test_the_newest_accepted_batch_is_watched(open_empty, instance):
    installation = open_empty()
    accept(installation, "a")
    newest = accept(installation, "b")
    assert evaluate(installation, instance).partition_key == newest
