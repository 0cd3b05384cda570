import json

from tiny_loop import train
from tiny_stream import open_light, tiny_stream

from mlops_assets.graph.steps.past import families_of, read_past
from mlops_assets.training.memory.proposal import Past


def row(family: str, status: str = "ok") -> dict[str, str]:
    return {"family": family, "status": status}


BOARD = [row("blend"), row("tree"), row("linear"), row("tree"), row("dummy"), row("forest", "failed")]


def test_families_stand_once_in_the_order_of_their_best_candidate():
    assert families_of(BOARD) == ("tree", "linear")


def test_reports_of_earlier_retrains_are_remembered(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    use_case = installation.use_cases["tiny"]
    reports = [
        {"traits": {"log_rows": 2.0}, "leaderboard": BOARD},
        {"leaderboard": BOARD},  # of an earlier release
        {
            "traits": {"log_rows": 2.5},
            "leaderboard": [row("tree")],
        },  # a champion that learnt on
        {"traits": {"log_rows": 3.0}, "leaderboard": BOARD},
    ]
    for number, report in enumerate(reports, start=1):
        train(installation, str(number), None)
        place = ("tiny", "candidates", f"{number:06d}", "report.json")
        installation.lake.write_bytes(json.dumps(report).encode(), *place)
    newest, oldest = Past({"log_rows": 3.0}, ("tree", "linear")), Past({"log_rows": 2.0}, ("tree", "linear"))
    assert read_past(installation, use_case, before=9) == [newest, oldest]
    assert read_past(installation, use_case, before=4) == [oldest]
    installation.state.close()
