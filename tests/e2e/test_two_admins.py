"""Two admins at the same thing at once: what one of them saves takes back nothing of what the other one has saved meanwhile."""

from typing import Any

from playwright.async_api import Page, expect
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


async def test_a_source_is_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    source, *_ = (await api(other, "GET", "/admin/sources"))["items"]
    taken = ("name", "kind", "settings", "mapping", "enabled", "location_id", "link", "schedule", "options")
    body = {key: source[key] for key in taken}
    await admin.goto(f"{demo.url}/admin/sources/{source['id']}")
    save = admin.get_by_role("button", name="Save", exact=True)
    await expect(save).to_be_enabled()
    await api(other, "PUT", f"/admin/sources/{source['id']}", {**body, "schedule": "every 3 days"})
    await save.click()
    await expect(admin.get_by_text("Somebody else has changed the same meanwhile")).to_be_visible()
    await admin.reload()
    await save.click()
    await expect(admin.get_by_text("has been saved.")).to_be_visible()
    [now] = [each for each in (await api(other, "GET", "/admin/sources"))["items"] if each["id"] == source["id"]]
    assert now["schedule"] == "every 3 days"
    await api(other, "PUT", f"/admin/sources/{source['id']}", body)
