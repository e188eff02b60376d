"""Two admins at the same thing at once: what one of them saves keeps what the other one had saved before."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from playwright.async_api import Locator, Page, Route, expect
from tests.e2e.people import ADMIN, GIULIA, api
from tests.e2e.staging import Demo, SignIn

NIGHT = "/admin/ldap/profiles/night"


async def profile(page: Page, id: str = "night") -> dict[str, Any]:
    """The profile of this test as it is stored; {}: it is not."""
    found = (await api(page, "GET", "/admin/ldap/profiles"))["items"]
    return next((each for each in found if each["id"] == id), {})


async def overtaken(page: Page, path: str, changes: Iterable[Callable[[], Awaitable[Any]]]) -> None:
    """Each of these comes to the server just before what this page sends to a path, one after the other."""
    waiting = iter(changes)

    async def first(route: Route) -> None:
        change = next(waiting, None)
        if change is not None:
            await change()
        await route.continue_()

    await page.route(f"**{path}", first)


async def test_a_profile_is_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    await api(other, "PUT", NIGHT, {"name": "Night", "books": ["customers", "own"]}, new=True)
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
    await expect(form.get_by_label("What somebody else has changed:")).to_contain_text("Name: Night → Early")
    assert (await profile(admin))["name"] == "Early"
    # What was typed stays, and who has read what the other one has saved may save theirs in its place.
    await expect(form.get_by_label("Name", exact=True)).to_have_value("Noon")
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


async def test_why_it_was_not_saved_is_brought_in_sight(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN, viewport={"width": 390, "height": 560}), await sign_in(ADMIN)
    path = "/admin/ldap/profiles/dim"
    await api(other, "PUT", path, {"name": "Dim", "books": ["own"]}, new=True)
    await admin.goto(f"{demo.url}/admin/ldap/profiles")
    form = admin.get_by_role("dialog")
    await admin.get_by_role("button", name="Dim").click()
    await form.get_by_label("Name", exact=True).fill("Grey")
    await api(other, "PUT", path, {"name": "Dark", "books": ["own"]})
    save = form.get_by_role("button", name="Save")

    async def held(route: Route) -> None:
        await expect(save).to_be_disabled()
        await expect(save).not_to_be_focused()
        await route.continue_()

    # The button would keep the focus if it was disabled for less than a frame.
    await admin.route(f"**{path}", held)
    await save.click()
    await expect(form.locator(".form-problem")).to_be_focused()
    await expect(form.get_by_role("alert")).to_be_in_viewport(ratio=1)
    await api(other, "DELETE", path)


async def test_a_save_that_is_overtaken_on_its_way_keeps_what_the_other_saved(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    path, first = "/admin/ldap/profiles/dawn", {"name": "Dawn", "books": ["customers", "own"]}
    await api(other, "PUT", path, first, new=True)
    await admin.goto(f"{demo.url}/admin/ldap/profiles")
    form = admin.get_by_role("dialog")
    sent: list[str] = []
    admin.on("request", lambda request: sent.append(request.method) if request.url.endswith(path) else None)

    await admin.get_by_role("button", name="Dawn").click()
    await form.get_by_label("Name", exact=True).fill("Late")
    saves = [{**first, "books": ["own"]}, {**first, "books": ["customers"]}]
    await overtaken(admin, path, [lambda body=body: api(other, "PUT", path, body) for body in saves])  # type: ignore[misc]
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    saved = await profile(admin, "dawn")
    assert (saved["name"], saved["books"], sent) == ("Late", ["customers"], ["PUT"] * 3)

    # What is removed at the very moment stays removed.
    await admin.get_by_role("button", name="Late").click()
    await form.get_by_label("Name", exact=True).fill("Dusk")
    await admin.unroute(f"**{path}")
    await overtaken(admin, path, [lambda: api(other, "DELETE", path)])
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Somebody else has removed this meanwhile")
    assert await profile(admin, "dawn") == {}


async def test_two_who_make_the_same_at_once_have_made_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    await admin.goto(f"{demo.url}/admin/ldap/profiles")
    await admin.get_by_role("button", name="Add").first.click()
    form = admin.get_by_role("dialog")
    await form.get_by_label("Name", exact=True).fill("Noon!")
    await api(other, "PUT", "/admin/ldap/profiles/noon", {"name": "Noon", "books": ["own"]}, new=True)
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    made = {each["id"]: each["name"] for each in (await api(other, "GET", "/admin/ldap/profiles"))["items"]}
    [id] = [id for id, name in made.items() if name == "Noon!"]
    assert made["noon"] == "Noon"
    for each in (id, "noon"):
        await api(other, "DELETE", f"/admin/ldap/profiles/{each}")


async def test_a_location_a_book_and_rights_are_changed_by_two(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    place = await api(other, "POST", "/admin/locations", {"name": "Two", "country": "IT"})
    at = f"/admin/locations/{place['id']}"
    await admin.goto(f"{demo.url}/admin/locations")
    await admin.get_by_label("Location", exact=True).select_option(place["id"])
    name, save = admin.get_by_label("Name", exact=True), admin.get_by_role("button", name="Save", exact=True)
    await name.fill("Mine")
    await api(other, "PUT", at, {**place, "country": "AT"})
    await save.click()
    await expect(admin.get_by_text("Mine has been saved.")).to_be_visible()
    [stored] = [each for each in (await api(other, "GET", "/admin/locations"))["items"] if each["id"] == place["id"]]
    assert (stored["name"], stored["country"]) == ("Mine", "AT")
    await name.fill("Ours")
    await api(other, "PUT", at, {**stored, "name": "Theirs"})
    await save.click()
    await expect(admin.get_by_text("Somebody else has changed the same meanwhile")).to_be_visible()
    await api(other, "DELETE", at)

    book = await api(other, "POST", "/admin/contacts/books", {"name": "Two"})
    at = f"/admin/contacts/books/{book['id']}"
    await admin.goto(f"{demo.url}/admin/books")
    await admin.get_by_role("button", name="Two", exact=True).click()
    form = admin.get_by_role("dialog")
    await form.get_by_label("Name").fill("Mine")
    await api(other, "PUT", at, {"name": "Theirs"})
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Somebody else has changed the same meanwhile")
    await expect(admin.get_by_role("button", name="Theirs", exact=True)).to_have_count(1)
    await api(other, "DELETE", at)

    rights = await api(other, "GET", "/admin/rights")
    before = {key: rights[key] for key in ("everyone", "group_default")}
    await admin.goto(f"{demo.url}/admin/rights")
    await admin.get_by_role("button", name="Everybody").click()
    await form.get_by_role("radio", name="Public").check()
    await api(other, "PATCH", "/admin/rights", {"group_default": {"members": "personal", "leaders": "personal"}})
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    both = await api(other, "GET", "/admin/rights")
    assert (both["everyone"], both["group_default"]["members"]) == ("public", "personal")
    await api(other, "PATCH", "/admin/rights", before)


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


async def deleted_by_one(form: Locator, typed: Locator, change: Callable[[], Awaitable[Any]], theirs: str) -> None:
    """The first delete is refused and shows what the other one has changed beneath what was typed; the second is done."""
    await typed.fill("Typed and not saved")
    await change()
    await form.get_by_role("button", name="Delete").click()
    await form.get_by_role("button", name="Really delete").click()
    await expect(form).to_contain_text("Somebody else has changed this since it was shown here")
    await expect(form).to_contain_text(theirs)
    await expect(typed).to_have_value("Typed and not saved")
    await expect(form.get_by_role("alert")).to_have_count(1)
    await form.get_by_role("button", name="Really delete Theirs").click()


async def test_who_deletes_has_to_have_seen_what_they_delete_and_may_then(demo: Demo, sign_in: SignIn) -> None:
    admin, other = await sign_in(ADMIN), await sign_in(ADMIN)
    form = admin.get_by_role("dialog")
    fixed: dict[str, Any] = {"kind": "csta", "settings": {"host": "192.0.2.1", "port": 1}, "enabled": False}
    rule = {"field": "display_name", "value": "{Name}"}
    mapped = {"kind": "rest", "settings": {"url": "https://192.0.2.1/a"}, "mapping": [rule], "book": "Doomed"}
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("/admin/ldap/profiles", "/admin/ldap/profiles", {"books": ["own"]}),
        ("/admin/contacts/books", "/admin/books", {}),
        ("/admin/connectors", "/admin/connectors", fixed),
    ]
    for path, page, body in kinds:
        if path == "/admin/ldap/profiles":
            at = f"{path}/doomed"
            await api(other, "PUT", at, {"name": "Doomed", **body}, new=True)
        else:
            at = f"{path}/{(await api(other, 'POST', path, {'name': 'Doomed', **body}))['id']}"
        await admin.goto(f"{demo.url}{page}")
        await admin.get_by_role("button", name="Doomed").click()
        change = partial(api, other, "PUT", at, {"name": "Theirs", **body})
        await deleted_by_one(form, form.get_by_label("Name", exact=True), change, "Name: Doomed → Theirs")
        await expect(form).to_have_count(0)
        assert at.rsplit("/", 1)[1] not in {each["id"] for each in (await api(other, "GET", path))["items"]}

    whole = admin.get_by_role("main")
    for path, body, typed, theirs in (
        ("/admin/sources", mapped, "Name of the source", "When it is read"),
        ("/admin/exports", {"kind": "csv", "books": ["customers"]}, "Name of the export", "When it runs"),
    ):
        made = await api(other, "POST", path, {"name": "Theirs", **body})
        at = f"{path}/{made['id']}"
        namesake = await api(other, "POST", path, {"name": "Namesake", **body, **({"book": "Other"} if "book" in body else {})})
        await admin.goto(f"{demo.url}{at}")
        await admin.get_by_label(typed).fill("Namesake")
        await admin.get_by_role("button", name="Save", exact=True).click()
        await expect(whole.get_by_role("alert")).to_contain_text("already")
        taken = {key: made[key] for key in TAKEN if key in made}
        change = partial(api, other, "PUT", at, {**taken, "schedule": "every 3 days"})
        await deleted_by_one(whole, admin.get_by_label(typed), change, theirs)
        await expect(admin).to_have_url(f"{demo.url}{path}")
        await api(other, "DELETE", f"{path}/{namesake['id']}")
        assert made["id"] not in {each["id"] for each in (await api(other, "GET", path))["items"]}


async def test_a_contact_is_changed_by_its_author_and_an_admin(demo: Demo, sign_in: SignIn) -> None:
    author, admin = await sign_in(GIULIA), await sign_in(ADMIN)
    number = {"kind": "mobile", "raw": "+39 333 7654321"}
    whole = {"first_name": "Zita", "last_name": "Two", "company": "One", "note": "", "numbers": [number]}
    at = f"/contacts/{(await api(author, 'POST', '/contacts', whole))['id']}"
    await author.goto(f"{demo.url}{at}")
    change = author.get_by_role("button", name="Change", exact=True)
    firm, save = author.get_by_label("Firm", exact=True), author.get_by_role("button", name="Save contact")
    await change.click()
    await firm.fill("Mine")
    await api(admin, "PUT", at, {**whole, "note": "No mornings"})
    await save.click()
    await expect(author.get_by_text("No mornings")).to_be_visible()
    both = await api(admin, "GET", at)
    assert (both["company"], both["note"], both["display_name"]) == ("Mine", "No mornings", "Zita Two")

    await change.click()
    await firm.fill("Ours")
    await author.get_by_label("First name").fill("Zora")
    theirs = {**whole, "company": "Theirs", "job_title": "Head", "numbers": [number, {"kind": "home", "raw": "0432 1234567"}]}
    await api(admin, "PUT", at, theirs)
    await save.click()
    await expect(author.get_by_text("Somebody else has changed the same meanwhile")).to_be_visible()
    said = author.get_by_label("What somebody else has changed:")
    await expect(said).to_contain_text("Firm: Mine → Theirs")
    await expect(said).to_contain_text("Numbers: adds Private 0432 1234567")
    await expect(save).to_be_focused()
    await expect(firm).to_have_value("Ours")
    await expect(author.get_by_label("Position")).to_have_value("Head")
    assert (await api(admin, "GET", at))["company"] == "Theirs"
    await save.click()
    await expect(change).to_be_visible()
    ours = await api(admin, "GET", at)
    assert (ours["company"], ours["job_title"], ours["display_name"], len(ours["numbers"])) == ("Ours", "Head", "Zora Two", 2)

    await expect(author.get_by_text("Ours")).to_be_visible()
    await api(admin, "PUT", at, {**theirs, "company": "Zuletzt"})
    await author.get_by_role("button", name="Delete").click()
    await author.get_by_role("button", name="Really delete").click()
    await expect(author.get_by_text("Somebody else has changed this since it was shown here")).to_be_visible()
    await expect(author.get_by_text("Zuletzt")).to_be_visible()
    await author.get_by_role("button", name="Really delete Zita Two").click()
    await expect(author).to_have_url(f"{demo.url}/contacts")
