"""Pictures of every view in both themes and three widths, for people to look at: with `--screenshots FOLDER` only.

`--documentation-images` makes the few pictures anew that the documents show; nothing else writes into the checkout.
"""

from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect
from tests.e2e.people import (
    ADMIN,
    ELENA,
    EMMA_NUMBER,
    GEORGE_NUMBER,
    MARCO,
    answer,
    ask_whom,
    banner,
    bar,
    deal_with_missed,
    window,
)
from tests.e2e.staging import ROOT, Demo, SignIn

WIDTHS = {"full": 1440, "half": 760, "phone": 390}
VIEWS = {
    "monitor": "/",
    "journal": "/journal",
    "contacts": "/contacts",
    "settings": "/settings",
    "admin-status": "/admin",
    "admin-people": "/admin/people",
    "admin-rights": "/admin/rights",
    "admin-lines": "/admin/lines",
    "admin-locations": "/admin/locations",
    "admin-connectors": "/admin/connectors",
    "admin-anomalies": "/admin/anomalies",
    "admin-sources": "/admin/sources",
    "admin-source-new": "/admin/sources/new",
    "admin-books": "/admin/books",
    "admin-duplicates": "/admin/duplicates",
    "admin-exports": "/admin/exports",
    "admin-ldap": "/admin/ldap",
    "admin-ldap-nodes": "/admin/ldap/nodes",
    "admin-ldap-test": "/admin/ldap/test",
}
IMAGES = ROOT / "docs" / "images"
PARTNERS = (
    ("Harrison Ceramics Ltd", "George Harrison", ""),
    ("Ofenbau Lindner", "Max Lindner", "max@lindner.example"),
    ("Rossi & Figli", "Ada Rossi", "ada@rossi.example"),
)


async def _picture(page: Page, folder: Path, name: str) -> None:
    await page.screenshot(path=folder / f"{name}.png", animations="disabled")


async def _go(page: Page, path: str) -> None:
    await page.evaluate("(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path)
    await expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    await expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)


async def _calls(demo: Demo, page: Page, folder: Path, name: str, extension: str) -> None:
    """The banner, one call, two calls."""
    await _go(page, "/")
    await demo.call(EMMA_NUMBER, extension)
    await expect(banner(page)).to_be_visible()
    await _picture(page, folder, f"banner-{name}")
    await answer(page)
    await expect(window(page).get_by_role("term").first).to_be_visible()
    await _picture(page, folder, f"call-{name}")
    await page.keyboard.press("Alt+c")
    await ask_whom(page, "Consult whom", "elena", "Elena Zuliani")
    await expect(bar(page)).to_have_attribute("data-state", "ringback")
    await demo.pbx("answer", at="103")
    await expect(bar(page)).to_have_attribute("data-state", "connected")
    await _picture(page, folder, f"consultation-{name}")
    await demo.hang_up_all()
    await expect(bar(page)).to_have_count(0)
    await _picture(page, folder, f"after-call-{name}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(demo: Demo, sign_in: SignIn, request: pytest.FixtureRequest, theme: str, width: str) -> None:
    if not request.config.getoption("--screenshots"):
        pytest.skip("no folder for pictures")
    folder = Path(request.config.getoption("--screenshots"))
    size = {"width": WIDTHS[width], "height": 900 if width != "phone" else 800}
    page = await sign_in(ADMIN, settings={"theme": theme}, viewport=size)
    name = f"{width}-{theme}"
    await demo.call(GEORGE_NUMBER, "103")
    for view, path in VIEWS.items():
        await _go(page, path)
        if view == "contacts":
            await page.get_by_role("searchbox").fill("hargreaves")
            await page.get_by_role("button", name="Emma Hargreaves").first.click()
            await expect(page.get_by_role("term").first).to_be_visible()
        await _picture(page, folder, f"{view}-{name}")
    await demo.hang_up_all()
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Search people").fill("har")
    await expect(page.get_by_role("option", name="Harrison").first).to_be_visible()
    await _picture(page, folder, f"palette-{name}")
    await page.keyboard.press("Escape")
    await _calls(demo, page, folder, name, "208")


async def _some_calls(demo: Demo) -> None:
    """Calls of several kinds for Marco's journal."""
    for caller, does in (("+442079460450", "answer"), ("+498999998299", ""), ("+390471113200", "answer"), ("", "")):
        await demo.call(caller, "102")
        if does:
            await demo.pbx(does, at="102")
        await demo.pbx("far", at="102", does="hang-up")
    await demo.pbx("dial", at="104", to="102")
    await demo.pbx("answer", at="102")
    await demo.pbx("hang-up", at="104")


async def _sources(admin: Page) -> None:
    """A file that is mapped and read, the list of sources, and a person of two books."""
    await _go(admin, "/admin/sources/new")
    rows = "".join(f"K{n};{firm};{who};0432 70040{n};{mail}\n" for n, (firm, who, mail) in enumerate(PARTNERS))
    content: FilePayload = {"name": "Partners.csv", "mimeType": "text/csv", "buffer": f"Nr;Firma;Wer;Tel;Mail\n{rows}".encode()}
    await admin.locator("input[type=file]").set_input_files(content)
    await expect(admin.locator(".first-rows tbody tr").first).to_be_visible()
    await admin.get_by_label("Field for column Wer").select_option("display_name")
    await expect(admin.locator(".first-rows")).to_contain_text("George Harrison")
    await admin.get_by_role("heading", name="What the columns mean").evaluate("heading => heading.scrollIntoView()")
    await _picture(admin, IMAGES, "source-mapping")
    await admin.get_by_label("Schedule").select_option("weekdays")
    await admin.get_by_role("button", name="Save and run").click()
    await expect(admin.get_by_test_id("run")).to_have_attribute("data-state", "done")
    await _go(admin, "/admin/sources")
    await expect(admin.get_by_test_id("source-Partners")).to_contain_text("3 new")
    await _picture(admin, IMAGES, "sources")
    await _go(admin, "/admin/duplicates")
    await expect(admin.locator(".person").first).to_be_visible()
    await _picture(admin, IMAGES, "duplicates")


async def test_pictures_of_the_documents(demo: Demo, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--documentation-images"):
        pytest.skip("the documents keep their pictures")
    size = {"width": 1200, "height": 760}
    marco = await sign_in(MARCO, viewport=size)
    await deal_with_missed(marco)
    await demo.call(GEORGE_NUMBER, "101")
    await demo.pbx("answer", at="101")
    await demo.call(EMMA_NUMBER, "102")
    await expect(banner(marco)).to_be_visible()
    await _picture(marco, IMAGES, "incoming-call")
    await answer(marco)
    await expect(window(marco).get_by_role("term").first).to_be_visible()
    await _picture(marco, IMAGES, "call-window")
    await window(marco).get_by_label("Note about this call").fill("Offer 2231: 40 tiles in terracotta, by Friday")
    await expect(window(marco)).to_contain_text("Saved")
    await marco.keyboard.press("Alt+e")
    await _some_calls(demo)
    await window(marco).get_by_role("button", name="Fold").click()
    await _go(marco, "/journal")
    await expect(marco.get_by_test_id("journal-row").nth(5)).to_be_visible()
    await _picture(marco, IMAGES, "journal")
    admin = await sign_in(ADMIN, "/admin/locations", viewport=size)
    await admin.get_by_label("Number in any form").fill("000441632960123")
    await expect(admin.locator(".stages li").first).to_be_visible()
    await _picture(admin, IMAGES, "number-location")
    await _go(admin, "/admin/ldap/test")
    await admin.get_by_role("button", name="(&(telephoneNumber=*)(sn=ros*))").click()
    await expect(admin.get_by_test_id("ldap-answer")).to_be_visible()
    await _picture(admin, IMAGES, "ldap-test")
    await _sources(admin)
    dark = await sign_in(ELENA, settings={"theme": "dark"}, viewport=size)
    await expect(dark.locator("li.tile", has_text="Giulia")).to_have_attribute("data-activity", "on-the-phone")
    await _picture(dark, IMAGES, "monitor-dark")
    assert all(image.stat().st_size < 150_000 for image in IMAGES.glob("*.png"))
