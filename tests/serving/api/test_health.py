from contextlib import suppress

from resources.registry import RegistryError


def test_process_is_alive_without_any_model(client, router, registry):
    assert client.get("/livez").json == {"status": "alive"}


def test_ready_with_a_champion(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["waiting"] == 0


def test_not_ready_before_the_first_champion(use_cases, state, make_models):
    from serving.app import create_app
    from serving.router import open_router

    router = open_router(use_cases, state, make_models())
    client = create_app(router).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json["status"] == "waiting for the first champion"
    asked = client.post("/predict", json={"features": {"alcohol": 9.4}})
    assert asked.status_code == 503
    assert "no use case has a champion yet" in asked.json["detail"]
    assert client.get("/livez").status_code == 200
    router.close()


def test_who_asks_for_an_answer_before_there_is_a_model_is_told_what_is_wrong(use_cases, state, make_models, registry):
    from serving.app import create_app
    from serving.router import open_router

    registry.down = True
    router = open_router(use_cases, state, make_models())
    with suppress(RegistryError):  # whoever follows it logs it, and asks again
        router.models.refresh()
    asked = create_app(router).test_client().post("/predict", json={"features": {"alcohol": 9.4}})
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "2")
    assert asked.json["detail"] == "no use case has a champion yet: registry: connection refused"
    router.close()
