"""What axe-core finds on a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

COLOURS = ["color-contrast", "link-in-text-block"]
"""All that another theme changes; these two rules take as long as all others together."""
_FOUND = """async (colours) => {
    // Nothing is looked at half-way from one colour or place to another.
    const still = document.createElement("style");
    still.textContent = "*, ::before, ::after { transition: none !important }";
    document.head.append(still);
    const ends = (each) => each.playState !== "finished" && Number.isFinite(each.effect.getComputedTiming().endTime);
    for (let moving; (moving = document.getAnimations().filter(ends)).length > 0; ) moving.forEach((each) => each.finish());
    // Behind an open drawer the colours are those of the page without it, under a veil.
    const veiled = document.querySelector("body > :not(#root) [aria-modal=true]") !== null;
    const seen = veiled ? { exclude: [".shell"] } : document;
    const structure = Object.fromEntries(colours.map((rule) => [rule, { enabled: false }]));
    const theme = document.documentElement.dataset, chosen = theme.mantineColorScheme, found = [];
    const look = async (where, options) => {
        const { violations } = await axe.run(where, { resultTypes: ["violations"], ...options });
        for (const { id, nodes } of violations) for (const { html, failureSummary } of nodes)
            found.push(`${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)} (${theme.mantineColorScheme})`);
    };
    await look(document, { rules: structure });
    for (theme.mantineColorScheme of ["light", "dark"]) await look(seen, { runOnly: colours });
    theme.mantineColorScheme = chosen;
    still.remove();
    return found;
}"""


async def violations(page: Page) -> list[str]:
    """Each broken rule with the element that breaks it: all rules once, those about colours in both themes.

    A theme is an attribute of the document, as whoever chooses one sets it: nothing need be opened or filled in again for the
    other one.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(_FOUND, COLOURS)
    return found
