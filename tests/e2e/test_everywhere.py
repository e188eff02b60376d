"""Every page: for people who cannot see it well, on every screen, in every language, and quickly there."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, expect
from tests.e2e.accessible import violations
from tests.e2e.people import ADMIN, EMMA_NUMBER, MARCO, answer, banner, bar, go, tile, window
from tests.e2e.staging import ROOT, Demo, SignIn

OWN_PAGES = ("/", "/journal", "/contacts", "/contacts/new", "/settings")
ADMIN_PAGES = (
    "/admin",
    "/admin/people",
    "/admin/groups",
    "/admin/rights",
    "/admin/lines",
    "/admin/locations",
    "/admin/connectors",
    "/admin/anomalies",
    "/admin/sources",
    "/admin/sources/new",
    "/admin/books",
    "/admin/duplicates",
    "/admin/exports",
    "/admin/ldap",
    "/admin/ldap/nodes",
    "/admin/ldap/templates",
    "/admin/ldap/users",
    "/admin/ldap/profiles",
    "/admin/ldap/test",
    "/admin/ldap/fleets",
)
PAGES = (*OWN_PAGES, *ADMIN_PAGES)
TEXTS = ROOT / "client/src/core/i18n/en"
AREAS = sorted({match for file in TEXTS.glob("*.ts") for match in re.findall(r'^  "([a-zA-Z]+)\.', file.read_text(), re.M)})
KEY = re.compile(rf"(?<![\w@.-])(?:{'|'.join(AREAS)})\.[a-z][\w.-]*")
"""What a text without a translation looks like: `journal.markDone`."""
NEWCOMER = "chiara.tonutti"
"""Somebody who has chosen nothing yet."""
FIRST_LOAD = 220 * 1024
CLIENT = ROOT / "src/unisono/web/client"


async def _open(page: Page, path: str) -> None:
    """Go there, and wait until the page has what it loads."""
    await go(page, path)
    await expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    await expect(page.get_by_role("main").locator("[role=status] .mantine-Skeleton-root")).to_have_count(0)


async def test_no_page_breaks_the_rules_of_accessibility(demo: Demo, sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, bypass_csp=True, reduced_motion="reduce")
    found = {}
    for path in PAGES:
        await _open(page, path)
        found[path] = await violations(page)
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Search people").fill("har")
    await expect(page.get_by_role("option").first).to_be_visible()
    found["palette"] = await violations(page)
    await page.keyboard.press("Escape")
    await demo.call(EMMA_NUMBER, "208")
    await expect(banner(page)).to_be_visible()
    found["banner"] = await violations(page)
    await _open(page, "/")
    await answer(page)
    await expect(window(page).get_by_role("term").first).to_be_visible()
    found["call window"] = await violations(page)
    assert not {path: broken for path, broken in found.items() if broken}


async def test_no_panel_breaks_the_rules_of_accessibility(sign_in: SignIn) -> None:
    """What opens at a button of the shell, over a page or by a key."""
    page = await sign_in(MARCO, settings={"confirm_dial": True}, bypass_csp=True, reduced_motion="reduce")
    panel, found = page.get_by_role("dialog"), {}

    async def look(place: str) -> None:
        await expect(panel).to_be_visible()
        found[place] = await violations(page)
        await page.keyboard.press("Escape")
        await expect(panel).to_have_count(0)

    await page.get_by_test_id("own-presence").click()
    await look("own presence")
    await page.get_by_test_id("own-lines").click()
    await page.get_by_role("combobox", name="Forward all calls to").fill("har")
    await expect(panel.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    await look("own telephones")
    await tile(page, "Elena Zuliani").locator(".tile-main").click()
    await look("menu of a colleague")
    await page.keyboard.press("?")
    await look("cheat sheet")
    for number in ("+441632960123", "112"):
        await go(page, f"/?dial={quote(number)}")
        await look(f"question before {number}")
    assert not {place: broken for place, broken in found.items() if broken}


async def test_the_sign_in_page_is_accessible(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(bypass_csp=True, reduced_motion="reduce", locale="en-GB")
    page = await context.new_page()
    await page.goto(demo.url)
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert not await violations(page)
    await context.close()


async def test_the_theme_is_the_computers_or_the_chosen_one(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, settings={"theme": "auto"})
    theme = marco.locator("html")
    for name in ("dark", "light"):
        await marco.emulate_media(color_scheme=name)
        await expect(theme).to_have_attribute("data-mantine-color-scheme", name)
    await marco.get_by_test_id("own-presence").click()
    for name in ("dark", "light"):
        await marco.get_by_text("Switch light and dark").click()
        await expect(theme).to_have_attribute("data-mantine-color-scheme", name)
    await marco.emulate_media(color_scheme="null")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (760, 450), (1440, 900)])
async def test_nothing_is_wider_than_the_screen(demo: Demo, sign_in: SignIn, width: int, height: int) -> None:
    """The narrowest screen (WCAG 2.2, 1.4.10), a laptop's at 200 % (1.4.4), and a whole one."""
    page = await sign_in(ADMIN, viewport={"width": width, "height": height})
    wide = []
    for path in PAGES:
        await _open(page, path)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    await _open(page, "/")
    await demo.call(EMMA_NUMBER, "208")
    for name in ("Answer", "Decline", "Deflect"):
        await expect(banner(page).get_by_role("button", name=name)).to_be_in_viewport()
    await banner(page).get_by_role("button", name="Answer").click()
    await expect(bar(page)).to_have_attribute("data-state", "connected")
    await expect(bar(page).get_by_role("button", name="Hang up")).to_be_in_viewport(ratio=1)
    await expect(window(page).get_by_role("button", name="Transfer to …")).to_be_in_viewport(ratio=1)
    wide += ["call"] if await page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
    await window(page).get_by_role("button", name="Fold").click()
    await page.get_by_role("link", name="Journal").click()
    await expect(page.get_by_role("heading", name="Journal")).to_be_in_viewport()
    assert not wide


async def test_nothing_moves_for_who_wants_it_still(demo: Demo, sign_in: SignIn) -> None:
    page = await sign_in(ADMIN, reduced_motion="reduce")
    await demo.call(EMMA_NUMBER, "208")
    await expect(banner(page)).to_be_visible()
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert await page.evaluate(f"new Promise((done) => requestAnimationFrame(() => setTimeout(() => done({moving}), 50)))") == 0


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("locale", ["de", "en", "it"])
async def test_the_tabs_of_a_phone_are_read_whole(sign_in: SignIn, locale: str, width: int) -> None:
    """320 px are what WCAG 2.2, 1.4.10 asks for: 1280 px at a zoom of 400 %."""
    page = await sign_in(ADMIN, locale=locale, viewport={"width": width, "height": 800})
    labels = page.locator(".tabs .nav-label")
    await expect(labels).to_have_count(5)
    cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert await labels.evaluate_all(cut) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("locale", "word"), [("it", "Impostazioni"), ("de", "Einstellungen")])
async def test_every_page_speaks_the_language(sign_in: SignIn, locale: str, word: str) -> None:
    page = await sign_in(ADMIN, locale=locale)
    await expect(page.locator("html")).to_have_attribute("lang", locale)
    await expect(page.get_by_role("link", name=word)).to_be_visible()
    raw = {}
    for path in PAGES:
        await _open(page, path)
        text = await page.locator("body").inner_text()
        raw[path] = KEY.findall(text)
    assert not {path: keys for path, keys in raw.items() if keys}


async def test_the_language_is_changed_at_once(sign_in: SignIn) -> None:
    page = await sign_in(MARCO, "/settings")
    await page.get_by_text("Deutsch", exact=True).click()
    await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await page.get_by_text("Italiano", exact=True).click()
    await expect(page.get_by_role("heading", name="Impostazioni")).to_be_visible()


@pytest.mark.parametrize(("wanted", "word"), [("de-AT", "Einstellungen"), ("it-IT", "Impostazioni"), ("fr-FR", "Settings")])
async def test_who_has_chosen_no_language_reads_the_browsers(demo: Demo, browser: Browser, wanted: str, word: str) -> None:
    context = await browser.new_context(locale=wanted)
    page = await context.new_page()
    await page.goto(demo.url)
    await _sign_in(page, demo, NEWCOMER)
    await expect(page.get_by_role("link", name=word)).to_be_visible()
    await context.close()


async def test_the_language_chosen_before_signing_in_is_the_accounts(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(locale="it-IT")
    page = await context.new_page()
    await page.goto(demo.url)
    await page.get_by_role("button", name="Deutsch").click()
    await expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    await _sign_in(page, demo, NEWCOMER)
    await page.get_by_role("link", name="Einstellungen").click()
    await expect(page.get_by_role("radio", name="Deutsch")).to_be_checked()
    await page.get_by_text("Browser", exact=True).click()
    await expect(page.get_by_role("heading", name="Impostazioni")).to_be_visible()
    await context.close()


async def _sign_in(page: Page, demo: Demo, login: str) -> None:
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(demo.passwords[login])
    await page.locator("button[type=submit]").click()
    await expect(page.locator("li.tile").first).to_be_visible()


async def test_the_first_load_is_small(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    await page.goto(demo.url)
    await _sign_in(page, demo, MARCO)
    paths = [CLIENT / url.removeprefix(f"{demo.url}/").split("?")[0] for url in asked if "/api/" not in url]
    files = [CLIENT / "index.html" if path == CLIENT else path for path in paths]
    sizes = {file.name: _sent(file) for file in files}
    assert len(sizes) > 3
    assert sum(sizes.values()) <= FIRST_LOAD, sizes
    await context.close()


def _sent(file: Path) -> int:
    packed = file.with_name(file.name + ".gz")
    return (packed if packed.exists() else file).stat().st_size
