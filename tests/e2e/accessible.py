"""What axe-core finds on a page."""

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

Rules = Mapping[str, Any]
ALL: Rules = {}
COLOURS: Rules = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that another theme changes; the other rules take three times as long."""
_SETTLED = """() => {
    const ends = (each) => each.playState !== "finished" && Number.isFinite(each.effect.getComputedTiming().endTime);
    for (let moving; (moving = document.getAnimations().filter(ends)).length > 0; ) moving.forEach((each) => each.finish());
}"""
"""Colours on their way from one theme to the other are nobody's; even the shortest way lasts until the next frame is drawn."""


async def violations(page: Page, rules: Rules = ALL) -> list[str]:
    """Each broken rule with the element that breaks it."""
    await page.evaluate(_SETTLED)
    found = await Axe().run(page, options={"resultTypes": ["violations"], **rules})
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
