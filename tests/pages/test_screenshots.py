"""The A/B page in a browser, in each of its states, as wide as a desk and as narrow as a phone."""

from pathlib import Path

import pytest
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
    "decided": ["decided", "Version 5 is better and takes over.", "after 435 labels", "fine"],
    "alarm": ["alarm", "nothing is promoted until that is explained", "50.0 % were planned", "p < 0.0001"],
}
CONTRAST_MIN = 4.5  # of text to its background: WCAG 2.1, level AA
TEXT_PX_MIN = 12
# Text whose contrast or size is too small; a background without a colour is that of an element further out.
UNREADABLE = """([contrast, size]) => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = (rgb) => {
    const curve = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    const [r, g, b] = rgb.slice(0, 3).map((v) => curve(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const rgb = parts(getComputedStyle(one).backgroundColor)
      if (rgb.length < 4 || rgb[3] > 0) return rgb
    }
    return [255, 255, 255]
  }
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
  const bad = []
  for (const one of document.querySelectorAll('body *')) {
    if (!own(one)) continue
    const style = getComputedStyle(one)
    const front = light(parts(one instanceof SVGElement ? style.fill : style.color)), back = light(behind(one))
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05)
    if (ratio < contrast || parseFloat(style.fontSize) < size)
      bad.push(`${one.tagName} ${one.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}, ${style.fontSize}`)
  }
  return bad
}"""


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
    assert page.evaluate(UNREADABLE, [CONTRAST_MIN, TEXT_PX_MIN]) == []
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
