import json
from types import SimpleNamespace

import pytest
from fake_models import MODEL

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
