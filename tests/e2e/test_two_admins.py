"""Two admins at the same thing at once: what one of them saves keeps what the other one had saved before."""

from typing import Any

from playwright.async_api import Locator, Page, expect
from tests.e2e.people import ADMIN, api
from tests.e2e.staging import Demo, SignIn

NIGHT = "/admin/ldap/profiles/night"


async def profile(page: Page) -> dict[str, Any]:
    """The profile of this test as it is stored."""
    found = (await api(page, "GET", "/admin/ldap/profiles"))["items"]
    return next(each for each in found if each["id"] == "night")


async def test_a_profile_is_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    await api(other, "PUT", NIGHT, {"name": "Night", "books": ["customers", "own"]})
    await admin.goto(f"{demo.url}/admin/ldap/profiles")
    form = admin.get_by_role("dialog")
    await admin.get_by_role("button", name="Night").click()
    await form.get_by_label("Name", exact=True).fill("Late")
    await api(other, "PUT", NIGHT, {"name": "Night", "books": ["own"]})
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    saved = await profile(admin)
    assert (saved["name"], saved["books"]) == ("Late", ["own"])
    await admin.get_by_role("button", name="Undo").click()
    await expect(admin.get_by_text("Taken back.")).to_be_visible()
    saved = await profile(admin)
    assert (saved["name"], saved["books"]) == ("Night", ["own"])

    await admin.get_by_role("button", name="Night").click()
    await form.get_by_label("Name", exact=True).fill("Noon")
    await api(other, "PUT", NIGHT, {"name": "Early", "books": ["own"]})
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Somebody else has changed the same meanwhile")
    assert (await profile(admin))["name"] == "Early"
    await form.get_by_role("button", name="Close").click()
    await admin.get_by_role("button", name="Early").click()
    await expect(form.get_by_label("Name", exact=True)).to_have_value("Early")
    await form.get_by_label("Name", exact=True).fill("Noon")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    assert (await profile(admin))["name"] == "Noon"

    await admin.get_by_role("button", name="Noon").click()
    await form.get_by_label("Name", exact=True).fill("Dusk")
    await api(other, "DELETE", NIGHT)
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Somebody else has removed this meanwhile")
    await form.get_by_role("button", name="Close").click()
    await expect(admin.get_by_role("button", name="Noon")).to_have_count(0)


TAKEN = (
    *("name", "kind", "settings", "mapping", "enabled", "location_id", "link", "schedule", "options"),
    *("books", "columns", "conditions", "number_format", "file"),
)
"""What an admin saves of a source or an export."""


async def changed_by_two(admin: Page, other: Page, root: str, path: str, name: Locator, way: str) -> list[tuple[str, str]]:
    """One changes the name, the other the schedule. Both change the name: the second is told, and looks again.

    Gives name and schedule as they were stored after each step.
    """
    items, id = path.rsplit("/", 1)

    async def stored() -> dict[str, Any]:
        [found] = [each for each in (await api(other, "GET", items))["items"] if each["id"] == id]
        return {key: found[key] for key in TAKEN if key in found}

    await admin.goto(f"{root}{path}")
    save, saved = admin.get_by_role("button", name="Save", exact=True), admin.get_by_text("has been saved.")
    before = await stored()
    await name.fill("Mine")
    await api(other, "PUT", path, {**before, "schedule": "every 3 days"})
    await save.click()
    await expect(saved).to_be_visible()
    both = await stored()
    await expect(admin.get_by_label("Schedule", exact=True)).to_have_value("every")
    await expect(save).to_be_focused()

    await name.fill("Still mine")
    await api(other, "PUT", path, {**both, "name": "Theirs"})
    await save.click()
    await expect(admin.get_by_text("Somebody else has changed the same meanwhile")).to_be_visible()
    refused = await stored()
    await admin.get_by_role("navigation", name=way, exact=True).get_by_role("link").click()
    await admin.get_by_role("link", name="Theirs", exact=True).click()
    await expect(name).to_have_value("Theirs")
    await name.fill("Ours")
    await save.click()
    await expect(saved).to_be_visible()
    again = await stored()
    assert again == {**both, "name": "Ours"}  # nothing else of it has changed
    await api(other, "PUT", path, before)
    return [(each["name"], each["schedule"]) for each in (both, refused, again)]


KEPT = [("Mine", "every 3 days"), ("Theirs", "every 3 days"), ("Ours", "every 3 days")]
"""Both stay; the second is refused; and saves what was seen."""


async def test_a_source_is_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    source, *_ = (await api(other, "GET", "/admin/sources"))["items"]
    path = f"/admin/sources/{source['id']}"
    name = admin.get_by_label("Name of the source")
    assert await changed_by_two(admin, other, demo.url, path, name, "Sources") == KEPT


async def test_an_export_is_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    made = await api(other, "POST", "/admin/exports", {"name": "Two", "kind": "csv", "books": ["customers"]})
    path = f"/admin/exports/{made['id']}"
    name = admin.get_by_label("Name of the export")
    assert await changed_by_two(admin, other, demo.url, path, name, "Exports") == KEPT
    await api(other, "DELETE", path)
