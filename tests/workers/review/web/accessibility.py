"""What of WCAG 2.2 AA can be measured in a page."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

FAULTS = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")

MOST_STOPS = 120
"""Presses of Tab on a page: more than any of ours has."""

FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  if (here === window.firstStop && here !== window.lastStop) return null;
  window.firstStop ??= here;
  window.lastStop = here;
  const marked = here.matches(".tick input") ? here.nextElementSibling : here;
  const style = getComputedStyle(marked);
  const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [here.outerHTML.slice(0, 80), visible || here.matches("audio")];
}"""
"""What has the focus, and whether it shows; None after the last. A player draws its own focus."""

SPACED = """() => {
  for (const element of document.querySelectorAll("body, body *")) {
    for (const [name, value] of [["line-height", "1.5"], ["letter-spacing", ".12em"], ["word-spacing", ".16em"]])
      element.style.setProperty(name, value, "important");
  }
  const cut = [...document.querySelectorAll("main *, header *")].filter((element) => {
    if (element.closest(".sr-only, .veil, svg, select, input, textarea") || !element.clientWidth) return false;
    const clips = (value) => value === "hidden" || value === "clip";
    const style = getComputedStyle(element);
    return (clips(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      || (clips(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
  });
  if (document.documentElement.scrollWidth > innerWidth) cut.push(document.documentElement);
  return cut.map((element) => element.outerHTML.slice(0, 80));
}"""  # noqa: E501 - a program of its own
"""Spaces text as far as 1.4.12 says, and returns what is cut off then."""


async def faults(page: Page, where: str) -> list[str]:
    """What is wrong with the page as it is shown now."""
    return [f"{where}: {fault}" for fault in await page.evaluate(FAULTS)]


async def without_focus_shown(page: Page, where: str) -> list[str]:
    """What takes the keyboard's focus and does not show it, or does not let go of it."""
    found: list[str] = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUSED)
        if stop is None:
            return found
        if not stop[1]:
            found.append(f"{where}: 2.4.7: {stop[0]}")
    return [*found, f"{where}: 2.1.2: no end after {MOST_STOPS} presses of Tab"]


async def cut_when_spaced(page: Page, where: str) -> list[str]:
    """What is cut off when a reader spaces the text; the page stays so."""
    return [f"{where}: 1.4.12: {cut}" for cut in await page.evaluate(SPACED)]
