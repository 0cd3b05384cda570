import subprocess
import sys

import pytest


def test_home_leads_to_the_page(client):
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/ab")


def test_documentation_needs_nothing_from_outside(client):
    page = client.get("/docs/")
    assert page.status_code == 200
    assert b"openapi.json" in page.data
    assert b"http://" not in page.data.replace(b"http://www.w3.org", b"")
    assert b"https://" not in page.data
    with client.get("/docs/swagger/js/swagger-ui-bundle.js") as script:
        assert script.status_code == 200
    assert client.get("/docs").location == "http://localhost/docs/"


def test_schema_names_every_resource(client):
    paths = client.get("/docs/openapi.json").json["paths"]
    assert set(paths) >= {"/promote", "/rollback", "/promotions"}
    assert set(paths) >= {"/predict", "/use-cases/{name}/predictions", "/feedback", "/config", "/livez", "/readyz"}


def test_unknown_address_is_a_problem_in_words(client):
    answer = client.get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["status"] == 404
    assert answer.json["detail"] == "there is no route /nothing; /docs lists all of them"


def test_wrong_method_names_the_right_ones(client):
    answer = client.get("/predict")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.json["detail"] == "/predict does not take GET, but POST; see /docs"


def test_a_body_is_refused_without_words_of_a_library(client):
    answer = client.post("/predict", json={})
    assert answer.json["detail"] == "body: send either features (one row) or rows (several)"


def test_a_surprise_is_a_problem_without_its_inside(client, router, monkeypatch, caplog):
    def fail(name):
        raise KeyError("secret")

    monkeypatch.setattr(router.models, "of", fail)
    answer = client.get("/config")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "secret" in caplog.text


def test_body_that_is_too_large_is_refused(client):
    answer = client.post("/predict", data=b"x" * (17 * 2**20), content_type="application/json")
    assert answer.status_code in (413, 422)


@pytest.mark.slow
def test_serving_meets_neither_graph_nor_trainers():
    code = (
        "import sys, serving.app, serving.router, serving.server;"
        "print([name for name in ('dagster', 'pycaret', 'great_expectations', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
