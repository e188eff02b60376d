"""Every drawer and dialogue of the administration, in each of its states: axe-core, both themes."""

from playwright.async_api import FilePayload, Locator, Page, expect
from tests.e2e.accessible import violations
from tests.e2e.people import ADMIN, api, go
from tests.e2e.staging import Demo, SignIn


class Walk:
    """One admin who opens everything; keeps what axe-core finds by the name of the place."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}

    @property
    def drawer(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def go(self, path: str) -> None:
        """Go there inside the client; a page that is there already is loaded anew."""
        await (self.page.reload() if self.page.url.endswith(path) else go(self.page, path))
        await expect(self.page.get_by_role("main").get_by_role("heading").first).to_be_visible()
        await expect(self.page.locator(".mantine-Skeleton-root")).to_have_count(0)

    async def look(self, place: str) -> None:
        """What axe-core finds now."""
        if found := await violations(self.page):
            self.found[place] = found

    async def shut(self) -> None:
        await self.drawer.get_by_role("button", name="Close").click()
        await expect(self.drawer).to_have_count(0)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


async def _people(walk: Walk) -> None:
    await walk.go("/admin/people")
    await walk.press("Add person")
    await expect(walk.drawer.get_by_role("button", name="Save")).to_be_visible()
    await walk.look("new person")
    await walk.drawer.get_by_label("Name", exact=True).fill("Second Marco")
    await walk.drawer.get_by_label("Login", exact=True).fill("marco.degano")
    await walk.drawer.get_by_role("button", name="Save").click()
    await expect(walk.drawer.get_by_role("alert")).to_be_visible()
    await walk.look("refused person")
    await walk.drawer.get_by_label("Groups", exact=True).first.click()
    await expect(walk.page.get_by_role("option").first).to_be_visible()
    await walk.look("choices of a person")
    await walk.page.keyboard.press("Escape")
    await walk.shut()
    await walk.page.get_by_role("button", name="Chiara Tonutti").click()
    await walk.drawer.get_by_label("Department", exact=True).fill("Archive")
    await expect(walk.drawer.get_by_label("What will change")).to_be_visible()
    await walk.drawer.get_by_role("button", name="Delete").click()
    await walk.look("changed person, about to be deleted")
    await walk.shut()
    await walk.page.get_by_role("checkbox", name="Choose Chiara Tonutti").check()
    await walk.page.get_by_role("button", name="Delete …").click()
    await walk.look("several people, about to be deleted")


async def _take_over(walk: Walk) -> None:
    await walk.go("/admin/people")
    await walk.press("From a file")
    await expect(walk.drawer.locator(".drop")).to_be_visible()
    await walk.look("people from a file")
    rows = "Login;Name;Groups;Hat\nberta.huber;Berta;Fair;38\nmarco.degano;Marco;;\n;;;\n"
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    await walk.drawer.locator("input[type=file]").set_input_files(file)
    await expect(walk.drawer.get_by_role("table")).to_be_visible()
    await walk.look("people about to be taken over")
    await walk.shut()


async def _groups_and_rights(walk: Walk) -> None:
    await walk.go("/admin/groups")
    await walk.press("Add group")
    await walk.look("new group")
    await walk.shut()
    await walk.page.get_by_role("button", name="Atelier").click()
    await walk.drawer.get_by_role("button", name="Delete").click()
    await walk.look("group, about to be deleted")
    await walk.go("/admin/rights")
    for place in ("Everybody", "All groups", "Export"):
        await walk.page.get_by_role("button", name=place, exact=True).click()
        await expect(walk.drawer.locator(".matrix")).to_be_visible()
        if place == "Export":
            await walk.drawer.get_by_role("switch").uncheck()
        await walk.drawer.locator("input[type=radio][value=personal]").first.check()
        await expect(walk.drawer.get_by_label("What will change")).to_be_visible()
        await walk.look(f"rights of {place}")
        await walk.shut()


async def _lines(walk: Walk) -> None:
    await walk.go("/admin/lines")
    await walk.press("Add line")
    await walk.look("new line")
    await walk.shut()
    await walk.press("From the telephone system")
    await expect(walk.drawer.locator(".empty")).to_be_visible()
    await walk.look("no lines to offer")
    await walk.shut()
    [line] = [each for each in (await api(walk.page, "GET", "/admin/lines"))["items"] if each["device"] == "122"]
    await api(walk.page, "DELETE", f"/admin/lines/{line['id']}")
    await walk.go("/admin/lines")
    await walk.press("From the telephone system")
    await walk.drawer.get_by_role("checkbox").first.check()
    await walk.look("lines to offer")
    await walk.drawer.get_by_role("combobox").first.click()
    await expect(walk.page.get_by_role("option").first).to_be_visible()
    await walk.look("people for a line to offer")
    await api(walk.page, "POST", "/admin/lines", {**line, "id": ""})


async def _connectors(walk: Walk, demo: Demo) -> None:
    await walk.go("/admin/connectors")
    await walk.press("Connect a telephone system")
    await expect(walk.drawer.get_by_label("Port", exact=True)).to_be_visible()
    await walk.look("new connector")
    await walk.shut()
    await walk.page.get_by_test_id("connector-demo-pbx").click()
    await walk.drawer.get_by_role("button", name="Test").click()
    await expect(walk.drawer.get_by_text("The connection works.")).to_be_visible()
    await walk.drawer.get_by_text("What went over the link").click()
    await expect(walk.drawer.locator(".trace li").first).to_be_visible()
    await walk.look("connector that works, with its trace")
    await walk.drawer.get_by_label("Port", exact=True).fill("9")
    await walk.drawer.get_by_label("Password", exact=True).fill("for the new address")
    await walk.drawer.get_by_role("button", name="Test").click()
    await expect(walk.drawer.get_by_text("The connection does not work.")).to_be_visible()
    await walk.drawer.get_by_role("button", name="Delete").click()
    await walk.look("connector that does not work, about to be deleted")
    await demo.pbx("garbage", kind="xml")
    await walk.go("/admin/anomalies")
    await walk.page.locator(".anomaly summary").first.click()
    await walk.page.locator(".anomaly").get_by_role("button", name="As digits").first.click()
    await walk.page.get_by_role("button", name="Clear …").first.click()
    await walk.look("odd event, about to be cleared")


async def _locations(walk: Walk) -> None:
    await walk.go("/admin/locations")
    await walk.page.get_by_label("Number in any form").fill("000441632960123")
    await expect(walk.page.locator(".stages li").first).to_be_visible()
    for tab in await walk.page.get_by_role("tab").all():
        await tab.click()
        await walk.look(f"location, {await tab.inner_text()}")
    await walk.press("Delete")
    await walk.look("location, about to be deleted")
    await walk.press("New location")
    await walk.look("new location")


async def _books(walk: Walk) -> None:
    await walk.go("/admin/books")
    await walk.press("New book")
    await expect(walk.drawer.get_by_label("Name")).to_be_visible()
    await walk.look("new book")
    await walk.shut()
    await walk.press("Customers")
    await walk.drawer.get_by_role("button", name="Delete").click()
    await walk.look("book, about to be deleted")
    await walk.shut()
    await walk.go("/admin/duplicates")
    await walk.page.get_by_text("Join two entries").click()
    await walk.page.get_by_label("One entry").fill("har")
    await expect(walk.page.get_by_role("list", name="One entry")).to_be_visible()
    await walk.look("entries to join")


async def test_drawers_and_dialogues(demo: Demo, sign_in: SignIn) -> None:
    walk = Walk(await sign_in(ADMIN, "/admin", bypass_csp=True, reduced_motion="reduce"))
    await _people(walk)
    await _take_over(walk)
    await _groups_and_rights(walk)
    await _lines(walk)
    await _connectors(walk, demo)
    await _locations(walk)
    await _books(walk)
    assert not walk.found
