"""Names and texts that lead out of the store, into a page or into a spreadsheet: they are shown, and nothing else."""

import re
from pathlib import Path

import pytest
from test_page import send

SCRIPT = "<script>alert(1)</script>"
NAMES = {
    "up": "../../../../etc/passwd",
    "up on Windows": "..\\..\\windows\\system32\\config",
    "from the root": "/etc/passwd",
    "up in disguise": "..%2f..%2fetc%2fpasswd",
    "nothing but dots": "..",
    "an end before the end": "scan.png\x00.exe",
    "a link of two schemes": "file:///etc/passwd",
    "a script": f"{SCRIPT}.png",
    "an attribute": '" onmouseover="alert(1)" x=".png',
    "a picture that fails": "<img src=x onerror=alert(1)>.png",
    "an entity": "&lt;script&gt;alert(1)&lt;/script&gt;.png",
    "the end of a title": "</title><svg onload=alert(1)>.png",
    "a header of its own": "scan.png\r\nSet-Cookie: a=b",
    "the other way round": "gnp.\u202eexe",
    "a formula": '=HYPERLINK("http://evil.example","x").png',
}
ARMED = ("<script", "<img", "<svg", 'onmouseover="', "\u202e", "\x00")


NAMED_BY_US = re.compile(
    r"lake/letters/documents/([0-9a-f]{64}|read/[0-9a-f]{64}/eng\.json\.gz)|state\.db.*|bundles/.*"
)


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def registry(registry):
    registry.add("letters", 1, "champion", value="bill", classes=["bill", "letter"], needs="")
    return registry


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_a_hostile_name_or_text_is_only_shown(client, tmp_path, name):
    before = files(tmp_path)

    answer = send(client, f"{name} {SCRIPT}", name=name)
    page = client.get("/documents")

    assert answer.status_code in (200, 422)  # 422: a header that breaks off is no form
    assert answer.content_type.startswith(("application/json", "application/problem+json"))
    assert "Set-Cookie" not in answer.headers
    assert (page.status_code, page.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert [payload for payload in ARMED if payload in page.text] == []
    kept = {str(path.relative_to(tmp_path)) for path in files(tmp_path) - before}
    assert [path for path in kept if not NAMED_BY_US.fullmatch(path)] == []
