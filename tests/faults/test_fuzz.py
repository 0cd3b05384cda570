"""Whatever is asked, the answer is one that the document at /docs names, and never an error of the router.

The suite sends a few hundred generated requests; with FUZZ_CASES=5000 in the environment it sends as many.
`CORPUS` keeps what broke a router of this kind before, here or elsewhere.
"""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fake_reader import scan
from fake_router import open_fake_router
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.api.predict import WINE
from serving.app import create_app

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("FUZZ_CASES", "300"))
SEED = 20261121
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
NAMES = st.sampled_from(["wine_quality", "wine_quality", "delivery_time", "beer"])
# The client could not write the others down; the corpus below has them as text.
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.none(), st.text(max_size=5), st.booleans()
)
ROWS = st.builds(
    lambda changes: {**WINE, **changes}, st.dictionaries(st.sampled_from([*WINE, "colour"]), NUMBERS, max_size=3)
)

DEEP = b'{"features":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
WIDE = b'{"features":{' + b",".join(b'"c%d":%d' % (n, n) for n in range(10_000)) + b"}}"
VALUES = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1e-400",
    "9" * 400,
    str(2**64),
    '"\\ud800"',
    '"\\u0000"',
    "-0",
]
CORPUS: list[bytes] = [
    *(b'{"use_case":"wine_quality","features":{"alcohol":%s}}' % value.encode() for value in VALUES),
    *(b'{"use_case":"wine_quality","ab_split_b":%s}' % value.encode() for value in VALUES),
    *(b'{"prediction_id":"p","truth":%s}' % value.encode() for value in VALUES),
    *(b'{"use_case":"wine_quality","reason":"r","to_version":2,"expected_version":%s}' % v.encode() for v in VALUES),
    *(b'{"inputs":[{"name":"alcohol","shape":[1],"datatype":"FP64","data":[%s]}]}' % v.encode() for v in VALUES),
    b'{"inputs":[{"name":"alcohol","shape":[%s],"datatype":"FP64","data":[1]}]}' % str(2**63).encode(),
    b'{"ab_split_b":0.1,"ab_split_b":2}',
    b'{"features":{"alcohol":9.4,"alcohol":"x"},"features":null}',
    DEEP,
    WIDE,
    b"[" * 100_000,
    b"",
    b"null",
    b"[]",
    b"true",
    b'"text"',
    b'"{\\"ab_split_b\\": NaN}"',
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"{'a': 1}",
    b'{"a": 1',
    b"1e400",
]  # fmt: skip
FILES: list[bytes] = [
    b"",
    b"\n\n\n",
    b"\x00\x00\x00\n\x00",
    b"\xff\xfe\xfa,\xff\n1,2\n",
    b"prediction_id,truth\n",
    b'prediction_id,truth\n"p,1\n2,3\n',
    b"prediction_id,prediction_id\np,1\n",
    b"prediction_id,truth\n" + b"p,NaN\np,1e400\np,\ud800\n".replace(b"\\ud800", b"x"),
    b"prediction_id,truth\np,1,2,3,4\np\n",
    ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n" + b"," * 9_999 + b"\n",
    b"a" * 2_000_000,
    b'{"prediction_id": "p", "truth": NaN}\n{"prediction_id": "p", "truth": 1e400}\n',
    b"[" * 100_000 + b"\n{}\n",
    b'{"alcohol": 1, "alcohol": "\\ud800"}\n',
    b"PAR1" + b"\x00" * 64 + b"PAR1",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    router = open_fake_router(tmp_path_factory.mktemp("fuzz") / "home")
    yield create_app(router)
    router.close()


@pytest.fixture(scope="module")
def schema(app):
    return schemathesis.openapi.from_wsgi("/docs/openapi.json", app)


@pytest.fixture(scope="module")
def known_id(app) -> str:
    """A prediction that was made."""
    answer = app.test_client().post("/predict", json={"use_case": "wine_quality", "features": WINE})
    return str(answer.json["prediction_id"])


def operations(schema) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]


def strategies(schema) -> Iterator[st.SearchStrategy[Any]]:
    """Requests that fit the document, and for every route that takes something requests that do not."""
    for operation in operations(schema):
        yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        if operation.body or operation.query:
            yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def bring_near(case: Any, data: st.DataObject, known_id: str) -> None:
    """Random names lead to 404 and no further: put what exists in the place of some of them."""
    near = {
        "name": NAMES,
        "use_case": NAMES,
        "prediction_id": st.just(known_id),
        "features": ROWS,
        "rows": st.lists(ROWS, min_size=1, max_size=3),
        "to_version": st.sampled_from([1, 2, 3]),
        "expected_version": st.sampled_from([None, 1, 2]),
        "truth": st.sampled_from([5, "6", 5.5, -1, "x"]),
    }
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name in sorted(place.keys() & near.keys()):
                if data.draw(st.booleans()):
                    place[name] = data.draw(near[name])


def test_every_answer_is_one_that_the_document_names(schema, known_id):
    seen, kinds = set(), list(strategies(schema))
    for kind in kinds:  # each by itself: of their union a seed may leave one out

        @seed(SEED)
        @settings(
            max_examples=-(-CASES // len(kinds)),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=kind, data=st.data())
        def answer(case, data):
            if data.draw(st.booleans()):
                bring_near(case, data, known_id)
            response = case.call_and_validate(checks=CHECKS)
            seen.add((case.operation.label, response.status_code))

        answer()
    assert {label for label, _ in seen} == {operation.label for operation in operations(schema)}
    assert any(label.startswith("POST") and status == 200 for label, status in seen)


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"]
)
def test_what_broke_others_breaks_no_route(app, schema, media_type):
    client = app.test_client()
    for operation in operations(schema):
        if operation.method != "post":
            continue
        path = operation.path.replace("{name}", "wine_quality")
        for body in CORPUS if media_type == "application/json" else FILES:
            answer = client.post(path, data=body, content_type=media_type, buffered=True)
            assert answer.status_code < 500, (path, body[:100], answer.text)
            assert str(answer.status_code) in operation.responses.status_codes, (path, body[:100], answer.status_code)
            operation.validate_response(answer)


def test_every_route_of_the_document_is_described(app):
    paths = app.api_doc["paths"]
    assert {"/predict", "/config", "/feedback", "/livez"} <= set(paths)
    for path, described in paths.items():
        for method, operation in described.items():
            assert operation["summary"], (method, path)
            assert operation["tags"] != ["default"], (method, path)
            assert set(operation["responses"]) >= {"200", "400", "403"}, (method, path)
            public = operation["security"] == []
            assert public == (not {"401", "429"} <= set(operation["responses"])), (method, path)
            for status, answer in operation["responses"].items():
                kinds = set(answer.get("content", {}))
                assert kinds, (method, path, status)
                if int(status) >= 400 and path != "/readyz":
                    assert kinds == {"application/problem+json"}, (method, path, status)
            if method == "post":
                assert {"413", "415", "422"} <= set(operation["responses"]), path


def test_examples_of_the_document_work(app):
    client, document = app.test_client(), app.api_doc
    for path, described in document["paths"].items():
        for kind, content in described.get("post", {}).get("requestBody", {}).get("content", {}).items():
            schema = content["schema"]
            model = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
            examples = [content["example"]] if "example" in content else model.get("examples", [])
            assert examples or schema.get("format") == "binary", (path, kind)
            for example in examples:
                if "use_case" in model.get("properties", {}):
                    of_text = {"text", "texts"} & model["properties"].keys()
                    # the only one is meant where none is named
                    example = {"use_case": "letters" if of_text else "wine_quality"} | example
                if kind == "multipart/form-data":
                    files = {"file": (io.BytesIO(scan("a plain letter")), "scan.png")}
                    example = {"use_case": "letters"} | example | files
                sent = {"json": example} if kind == "application/json" else {"data": example, "content_type": kind}
                answer = client.post(path.replace("{name}", "wine_quality"), buffered=True, **sent)
                assert answer.status_code in (200, 404, 409), (path, example, answer.text)
