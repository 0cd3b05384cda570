import itertools
import json
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fake_models import MODEL, probe_fake

from resources.state import promotions
from serving.models import LOADED_KEPT, RETRY_MAX_S, RETRY_S

NAME = "wine_quality"


def versions(models):
    arms = models.of(NAME)
    return tuple(one.version if one is not None else None for one in (arms.champion, arms.challenger))


@pytest.fixture
def models(make_models):
    models = make_models()
    models.refresh()
    return models


def test_nothing_serves_before_the_first_look(make_models):
    assert make_models().ready() == []


def test_aliases_are_followed(models, registry):
    assert versions(models) == (1, 2)
    assert models.ready() == [NAME]
    registry.aliases[NAME, "champion"] = 2
    del registry.aliases[NAME, "challenger"]
    models.refresh()
    assert versions(models) == (2, None)
    assert models.of(NAME).champion.model.value == 6


def test_a_promoted_challenger_is_not_loaded_again(models, registry):
    challenger = models.of(NAME).challenger
    registry.aliases[NAME, "champion"] = 2
    models.refresh()
    assert models.of(NAME).champion is challenger
    assert versions(models) == (2, None)
    assert registry.downloads == 2


def test_missing_champion_alias_keeps_the_last_one(models, registry):
    del registry.aliases[NAME, "champion"]
    models.refresh()
    assert versions(models) == (1, 2)
    assert "the last one keeps serving" in models.of(NAME).problems["alias"]
    assert models.of(NAME).degraded


def test_broken_champion_keeps_the_old_one_and_says_why(models, registry):
    registry.add(NAME, 3, "champion", value=7, broken=True)
    models.refresh()
    assert versions(models) == (1, 2)
    assert "version 3 does not serve" in models.of(NAME).problems["champion"]
    assert "SHA-256 is not the registered one" in models.of(NAME).problems["champion"]


def test_broken_challenger_leaves_its_place_empty(models, registry):
    registry.add(NAME, 3, "challenger", value=7, broken=True)
    models.refresh()
    assert versions(models) == (1, None)
    assert "version 3 does not serve" in models.of(NAME).problems["challenger"]


def test_broken_version_is_not_fetched_at_every_look(models, registry):
    registry.add(NAME, 3, "challenger", value=7, broken=True)
    for _ in range(5):
        models.refresh()
    assert registry.downloads == 3


def test_registry_away_keeps_serving_degraded_and_recovers(models, registry):
    registry.down = True
    models.refresh()
    assert versions(models) == (1, 2)
    assert models.of(NAME).degraded
    assert models.of(NAME).problems == {"registry": "registry: connection refused"}
    registry.down = False
    models.refresh()
    assert not models.of(NAME).degraded


def test_router_starts_from_local_copies_while_the_registry_is_away(models, registry, make_models):
    registry.down = True
    again = make_models()
    assert versions(again) == (1, 2)
    assert again.of(NAME).degraded
    again.refresh()
    assert versions(again) == (1, 2)


def test_local_copy_is_used_instead_of_a_second_download(models, registry, make_models):
    again = make_models()
    again.refresh()
    assert registry.downloads == 2
    assert not again.of(NAME).degraded


def test_damaged_local_copy_is_replaced_from_the_registry(models, registry, make_models, tmp_path):
    copy = tmp_path / "bundles" / NAME / "1" / MODEL
    registered = copy.read_text(encoding="utf-8")
    copy.write_text(json.dumps({"value": 7}), encoding="utf-8")
    again = make_models()
    assert versions(again) == (None, 2)
    assert "version 1 does not serve" in again.of(NAME).problems["champion"]
    again.refresh()
    assert versions(again) == (1, 2)
    assert copy.read_text(encoding="utf-8") == registered


def test_damaged_pointer_is_no_reason_not_to_start(models, make_models, tmp_path):
    (tmp_path / "bundles" / NAME / "serving.json").write_text("{", encoding="utf-8")
    again = make_models()
    assert versions(again) == (None, None)
    again.refresh()
    assert versions(again) == (1, 2)


def test_no_half_fetched_folder_stays(models, registry, tmp_path):
    registry.add(NAME, 3, "champion", value=7, broken=True)
    models.refresh()
    names = {path.name for path in (tmp_path / "bundles" / NAME).iterdir()}
    assert names - {".1.lock", ".2.lock", ".3.lock"} == {"1", "1.proven", "2", "2.proven", "serving.json"}


def test_a_look_that_fails_in_one_use_case_is_its_own(models, registry):
    registry.add("delivery_time", 4, "champion", value=20.0)
    registry.add(NAME, 3, "champion", value=7, broken=True)
    models.refresh()
    assert models.of("delivery_time").champion.version == 4
    assert models.of("delivery_time").problems == {}
    assert isinstance(models.of(NAME).champion.model.answer_rows([]), SimpleNamespace)


def promote(state, to_version, expected, name=NAME):
    with state.write() as connection:
        promotions.promote(
            connection, name, to_version, expected=expected, kind="promote", reason="", by="graph",
            at=datetime(2026, 3, 1, tzinfo=UTC),
        )  # fmt: skip


def test_the_promotion_row_decides_and_the_alias_follows(models, registry, state):
    promote(state, 2, None)
    models.follow()
    assert versions(models) == (2, None)
    assert registry.aliases[NAME, "champion"] == 1


def test_an_alias_that_stays_behind_its_row_is_a_problem_at_the_second_look(models, registry, state):
    promote(state, 2, None)
    models.refresh()
    assert models.of(NAME).problems == {}
    models.refresh()
    assert models.of(NAME).problems == {
        "alias": "the alias champion names version 1, the promotion row version 2; mlops run mends it"
    }
    del registry.aliases[NAME, "champion"]
    models.refresh()
    assert "the alias champion is missing" in models.of(NAME).problems["alias"]
    assert versions(models) == (2, None)


def test_promotions_and_rollbacks_between_recent_versions_load_nothing(models, registry, state):
    promote(state, 1, None)
    registry.down = True
    shutil.rmtree(models.copies.folder / NAME)
    (models.copies.folder / NAME).mkdir()
    for expected, to_version in ((1, 2), (2, 1), (1, 2)):
        promote(state, to_version, expected)
        models.follow()
        assert models.of(NAME).champion.version == to_version


def test_models_that_are_not_used_any_more_are_forgotten(models, registry, state):
    promote(state, 1, None)
    for version in range(2, 9):
        if version > 2:
            registry.add(NAME, version, value=version)
        promote(state, version, version - 1)
        models.refresh()
    assert versions(models) == (8, None)
    assert list(models._loaded[NAME]) == [6, 7, 8]
    assert LOADED_KEPT == 3


def test_a_version_that_fails_its_probe_never_serves(models, registry, state):
    registry.add(NAME, 3, "champion", value=7, unfit=True)
    models.refresh()
    assert versions(models) == (1, 2)
    assert models.of(NAME).problems["champion"] == (
        "version 3 does not serve: was ended by SIGFPE while it answered its golden rows"
    )


def test_a_refused_version_is_tried_again_after_pauses_that_grow(make_models, registry):
    now, probes = [0.0], []

    def probe(folder, other_libraries):
        if json.loads((folder / MODEL).read_text(encoding="utf-8")).get("unfit"):
            probes.append(now[0])
        probe_fake(folder, other_libraries)

    models = make_models(clock=lambda: now[0], probe=probe)
    registry.add(NAME, 3, "challenger", value=7, unfit=True)
    for now[0] in range(0, 2000, 5):
        models.refresh()
    pauses = [after - before for before, after in itertools.pairwise(probes)]
    assert pauses == [RETRY_S, 2 * RETRY_S, 4 * RETRY_S, 8 * RETRY_S, 16 * RETRY_S, RETRY_MAX_S][: len(pauses)]
    assert len(pauses) == 6


def test_other_libraries_serve_only_when_named_and_say_so(make_models, registry):
    registry.add(NAME, 3, "champion", value=7, foreign=True)
    models = make_models()
    models.refresh()
    assert models.of(NAME).champion is None
    assert "written by scikit-learn 9.9.1" in models.of(NAME).problems["champion"]
    models = make_models(accepted={(NAME, 3)})
    models.refresh()
    assert models.of(NAME).champion.version == 3
    assert "MLOPS_ACCEPT_LIBRARIES" in models.of(NAME).problems["champion"]
    assert models.of(NAME).degraded


def test_a_restart_serves_what_the_rows_ask_for_not_what_served_last(models, registry, state, make_models):
    promote(state, 2, None)
    registry.down = True
    again = make_models()
    assert versions(again) == (2, None)
    assert again.of(NAME).degraded


def test_a_restart_whose_champion_is_not_proven_serves_what_served_last(models, registry, state, make_models):
    registry.add(NAME, 3, value=7)
    promote(state, 3, None)
    registry.down = True
    again = make_models()
    assert again.of(NAME).champion.version == 1
    registry.down = False
    again.refresh()
    assert versions(again) == (3, None)


def test_a_slow_registry_delays_no_promotion(models, registry, state):
    promote(state, 1, None)
    registry.version_by_alias = lambda *_: pytest.fail("the thread that swaps asked the registry")
    promote(state, 2, 1)
    models.follow()
    assert versions(models) == (2, None)
