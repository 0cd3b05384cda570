"""The page of a certificate in a browser, as wide as a desk, as narrow as a phone, and on paper."""

import pytest
from chain import tell
from readable import unreadable

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    return (tell(tmp_path_factory.mktemp("certificates")).folder / "000002-promote.html").as_uri()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_the_page_is_readable_and_asks_nobody_else(browser, address, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_text("Version 2 is champion in place of version 1.").is_visible()
    assert unreadable(page) == []
    assert page.locator("script").count() == 0
    assert asked == [address]
    page.close()


def test_the_page_prints_on_white_whatever_the_screen(browser, address):
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    page.close()
