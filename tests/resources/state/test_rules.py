from resources.state.rules import as_judged, rule_of
from resources.state.verdicts import StoredVerdict


def test_the_rule_of_the_first_verdict_holds_when_the_file_changes(truths, at):
    began = truths.use_cases["wine_quality"]
    verdict = StoredVerdict("wine_quality", 1, 2, "continue", 0.0, -1.0, 1.0, 9, at, "said", rule=rule_of(began))
    changed = began.model_copy(
        update={
            "decision": began.decision.model_copy(update={"margin": 0.1}),
            "routing": began.routing.model_copy(update={"paired": False, "split_b": 0.5}),
        }
    )
    judged = as_judged(changed, verdict)
    assert judged.decision == began.decision
    assert (judged.routing.paired, judged.routing.split_b) == (True, 0.5)


def test_before_the_first_verdict_the_file_holds(truths, at):
    wine = truths.use_cases["wine_quality"]
    assert as_judged(wine, None) is wine
    assert as_judged(wine, StoredVerdict("wine_quality", 1, 2, "continue", 0.0, -1.0, 1.0, 9, at, "old")) is wine
