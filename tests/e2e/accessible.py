"""What axe-core finds on a page."""

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

Rules = Mapping[str, Any]
ALL: Rules = {}
COLOURS: Rules = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that another theme changes; the other rules take three times as long."""


async def violations(page: Page, rules: Rules = ALL) -> list[str]:
    """Each broken rule with the element that breaks it."""
    found = await Axe().run(page, options={"resultTypes": ["violations"], **rules})
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
