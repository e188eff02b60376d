"""Contacts made by hand."""

from playwright.async_api import expect
from tests.e2e.people import MARCO, banner, bar
from tests.e2e.staging import Demo, SignIn

STRANGER = "+442079460997"


async def test_a_stranger_becomes_a_contact_during_the_call(demo: Demo, sign_in: SignIn) -> None:
    marco = await sign_in(MARCO)
    await demo.call(STRANGER, "102")
    await banner(marco).get_by_role("button", name="Create contact").click()
    await marco.get_by_label("Last name").fill("Whitfield")
    await marco.get_by_label("Firm", exact=True).fill("Whitfield & Daughters")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_role("heading", name="Whitfield")).to_be_visible()
    await demo.hang_up_all()
    await demo.call(STRANGER, "102")
    await expect(banner(marco)).to_contain_text("Whitfield & Daughters")
    await expect(bar(marco)).to_have_count(0)


async def test_who_wrote_a_contact_changes_and_deletes_it(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/contacts/new")
    await marco.get_by_label("Business", exact=True).fill("abc")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_text("Give a name or a firm.")).to_be_visible()
    await marco.get_by_label("Last name").fill("Tosolini")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_text("“abc” is no telephone number.")).to_be_visible()
    await marco.get_by_label("Business", exact=True).fill("0432 700301")
    await marco.get_by_label("E-mail").fill("a@b")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_text("“a@b” is no e-mail address.")).to_be_visible()
    await marco.get_by_label("E-mail").fill("tosolini@firm.example")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_role("heading", name="Tosolini")).to_be_visible()
    await expect(marco.get_by_text("Own contacts")).to_be_visible()
    await marco.get_by_role("button", name="Change").click()
    await marco.get_by_label("First name").fill("Bruna")
    await marco.get_by_role("button", name="Save contact").click()
    await expect(marco.get_by_role("heading", name="Bruna Tosolini")).to_be_visible()
    await marco.get_by_role("button", name="Delete").press("Enter")
    await expect(marco.get_by_role("button", name="Cancel")).to_be_focused()
    await marco.get_by_role("button", name="Really delete Bruna Tosolini").click()
    await expect(marco.get_by_role("heading", name="Bruna Tosolini")).to_have_count(0)


async def test_contacts_that_are_being_made_ready_are_not_nothing(sign_in: SignIn) -> None:
    """It is said, and they are found as soon as they are there, without another letter typed."""
    marco = await sign_in(MARCO, "/contacts")
    wait = {"type": "about:blank", "title": "", "status": 503, "detail": "", "code": "contacts-not-ready"}
    await marco.route("**/api/v1/search?*", lambda route: route.fulfill(status=503, json=wait))
    await marco.get_by_role("searchbox", name="Search name, firm or number").fill("rossi")
    waiting = marco.get_by_text("Contacts are being made ready")
    await expect(waiting).to_be_visible()
    await expect(marco.get_by_text("Nothing found")).to_have_count(0)
    await marco.unroute("**/api/v1/search?*")
    await expect(marco.get_by_role("list", name="Results").get_by_role("listitem").first).to_be_visible()
    await expect(waiting).to_have_count(0)


async def test_the_arrow_keys_go_through_what_is_found(sign_in: SignIn) -> None:
    marco = await sign_in(MARCO, "/contacts")
    field = marco.get_by_role("searchbox", name="Search name, firm or number")
    await field.fill("rossi")
    hits = marco.locator(".contact-hit")
    await expect(hits.nth(1)).to_be_visible()
    await field.press("ArrowDown")
    await expect(hits.first).to_be_focused()
    await marco.keyboard.press("ArrowDown")
    await marco.keyboard.press("Enter")
    await expect(hits.nth(1)).to_have_attribute("aria-current", "true")
    await marco.keyboard.press("ArrowUp")
    await marco.keyboard.press("ArrowUp")
    await expect(field).to_be_focused()
