"""The A/B page in a browser, in each of its states, as wide as a desk and as narrow as a phone."""

from pathlib import Path

import pytest
from readable import unreadable
from stage import STATES, serve, tell

pytestmark = pytest.mark.slow

WORDS = {
    "none": ["steady", "Version 4 answers every request. No experiment is running.", "a challenger appears"],
    "running": [
        "running",
        "no accident, but perhaps less than the 0.5",
        "labels still needed",
        "more, if the difference",
    ],
    "decided": ["decided", "Version 5 is better and takes over.", "after 297 labels", "fine"],
    "alarm": ["alarm", "nothing is promoted until that is explained", "50.0 % were planned", "p < 0.0001"],
}


@pytest.fixture(scope="module", params=STATES)
def page_of(request, tmp_path_factory):
    """A state's name and the address of its page."""
    with tell(request.param, tmp_path_factory.mktemp(request.param)) as told, serve(told.app) as address:
        yield request.param, f"{address}/ab"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_the_page_is_readable_and_asks_nobody_else(browser, page_of, tmp_path: Path, width, scheme):
    name, address = page_of
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}?still=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for words in WORDS[name]:
        assert page.get_by_text(words).first.is_visible(), words
    assert unreadable(page) == []
    assert page.locator("script").count() == 0
    if name != "none":
        assert (
            page.locator(".plot .estimate").bounding_box()["width"]
            > 0.6 * page.locator("article").bounding_box()["width"]
        )
    assert asked == [f"{address}?still=1"]
    assert said == []
    page.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)
    page.close()


@pytest.mark.parametrize("page_of", ["alarm"], indirect=True)
def test_a_page_prints_on_white(browser, page_of):
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{page_of[1]}?still=1")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 35, 48)"
    page.close()


@pytest.mark.parametrize("page_of", ["alarm"], indirect=True)
def test_a_page_renews_itself_unless_told_to_hold_still(browser, page_of):
    page = browser.new_page()
    page.goto(page_of[1])
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "15"
    page.get_by_role("link", name="hold still").click()
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    page.close()
