"""What nobody could read on a page, measured in a browser."""

from typing import Any

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


def unreadable(page: Any) -> list[str]:
    """Each text of a page that is too small, or too like its background."""
    found: list[str] = page.evaluate(UNREADABLE, [CONTRAST_MIN, TEXT_PX_MIN])
    return found
