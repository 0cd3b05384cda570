"""The pages at /docs; what the document promises is held to in tests/faults/test_fuzz.py."""

import re

import pytest

from serving.access import ROUTES
from serving.openapi import KEYED

LINKS = re.compile(r"""(?:src|href|data-url)=["']([^"'#]+)["']""")


@pytest.mark.parametrize("page", ["/docs/", "/docs/swagger", "/docs/redoc"])
def test_the_pages_fetch_nothing_from_elsewhere(client, page):
    answer = client.get(page)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    links = LINKS.findall(re.sub(r"<!--.*?-->", "", answer.text, flags=re.S))
    assert any(link.endswith(".js") for link in links)
    for link in links:
        with client.get(f"/docs/{link}") as found:
            assert found.status_code == 200, link


def test_the_document_says_whose_key_a_route_takes(app):
    for (rule, method), role in ROUTES.items():
        operation = app.api_doc["paths"].get(rule, {}).get(method.lower())
        if operation is not None:
            assert operation["security"] == ([] if role == "public" else KEYED)
            assert (f"For keys of the role {role}." in operation.get("description", "")) is (role != "public")


def test_a_key_may_come_in_either_header(app):
    schemes = app.api_doc["components"]["securitySchemes"]
    assert {scheme.get("name", scheme.get("scheme")) for scheme in schemes.values()} == {"X-API-Key", "bearer"}


@pytest.fixture
def app(client):
    return client.application
