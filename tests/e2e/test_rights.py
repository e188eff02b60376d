"""Who sees what of whom: what people grant, what admins set for everybody and for groups; tokens for programs."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect
from tests.e2e.people import ADMIN, ELENA, EMMA, EMMA_NUMBER, GIULIA, LUCA, MARCO, api, doing, tile
from tests.e2e.staging import Demo, SignIn


@pytest_asyncio.fixture(loop_scope="session")
async def giulia(sign_in: SignIn) -> AsyncIterator[Page]:
    """Giulia at her settings; what she grants is taken back."""
    page = await sign_in(GIULIA, "/settings")
    yield page
    for grant in (await api(page, "GET", "/me/grants"))["items"]:
        if grant["level"]:
            await api(page, "PUT", f"/me/grants/{grant['user_id']}", {"level": None})


async def test_who_may_see_with_whom_may_pick_up_once_it_is_granted(demo: Demo, sign_in: SignIn, giulia: Page) -> None:
    marco = await sign_in(MARCO)
    await tile(marco, "Giulia Fornaci").locator(".tile-main").click()
    await marco.get_by_role("button", name="Add to favourites").click()
    pick_up = marco.get_by_role("button", name="Pick up the call of Giulia Fornaci")
    await demo.call(EMMA_NUMBER, "101")
    await expect(tile(marco, "Giulia Fornaci")).to_contain_text(EMMA)
    await expect(pick_up).to_have_count(0)
    await giulia.get_by_label("Rights of Marco Degano").select_option(label="Team")
    await expect(pick_up).to_be_visible()


async def test_only_levels_that_give_something_are_offered(giulia: Page) -> None:
    colleague = giulia.get_by_label("Rights of Katrin Söllner")
    await expect(colleague.locator("option")).to_have_text(["Team, from everybody and groups", "Personal"])
    stranger = giulia.get_by_label("Rights of Marco Degano")
    await expect(stranger.locator("option")).to_have_text(["Business, from everybody and groups", "Team", "Personal"])
    for person in (await api(giulia, "GET", "/people"))["items"]:
        if person["name"] == "Marco Degano":
            await api(giulia, "PUT", f"/me/grants/{person['id']}", {"level": "public"})
    await giulia.reload()
    await expect(stranger.locator("option:checked")).to_have_text("Public: gives nothing more")


@pytest_asyncio.fixture(loop_scope="session")
async def rights(sign_in: SignIn) -> AsyncIterator[Page]:
    """An admin at the rights; afterwards everything is as it was."""
    page = await sign_in(ADMIN, "/admin/rights")
    yield page
    groups = (await api(page, "GET", "/admin/rights"))["groups"]
    levels = {"members": "team", "leaders": "team"}
    body = {"everyone": "business", "group_default": levels, "groups": {group["id"]: None for group in groups}}
    await api(page, "PATCH", "/admin/rights", body)


async def test_a_change_says_whom_it_concerns_and_is_taken_back(demo: Demo, sign_in: SignIn, rights: Page) -> None:
    elena = await sign_in(ELENA)
    await demo.call(EMMA_NUMBER, "104")
    await doing(elena, "Luca Comelli", "ringing")
    pick_up = elena.get_by_role("button", name="Pick up the call of Luca Comelli")
    await expect(pick_up).to_be_visible()
    drawer = rights.get_by_role("dialog")
    await rights.get_by_role("button", name="Export").click()
    await drawer.get_by_role("switch", name="As all groups").uncheck()
    for places in ("Members among each other", "Leaders over members"):
        await drawer.get_by_role("group", name=places).get_by_role("radio", name=re.compile("^Business")).check()
    told = "5 people may no longer pick up calls of Export, read their notes or set their presence."
    await expect(drawer.get_by_label("What will change")).to_contain_text(told)
    await drawer.get_by_role("button", name="Save").click()
    await expect(rights.get_by_role("status").filter(has_text=told)).to_be_visible()
    await expect(rights.get_by_role("row", name="Export")).to_contain_text("no effect: everybody has Business")
    await expect(pick_up).to_have_count(0)
    await expect(tile(elena, "Luca Comelli")).to_contain_text(EMMA)
    await rights.get_by_role("button", name="Undo").click()
    await expect(rights.get_by_role("row", name="Export")).to_contain_text("As all groups")
    await expect(pick_up).to_be_visible()


async def test_everybody_is_blocked_but_within_groups(sign_in: SignIn, rights: Page) -> None:
    luca = await sign_in(LUCA)
    await expect(tile(luca, "Elena Zuliani").get_by_role("img", name="Available")).to_be_visible()
    drawer = rights.get_by_role("dialog")
    await rights.get_by_role("button", name="Everybody").click()
    await drawer.get_by_role("radio", name="Blocked").check()
    await expect(drawer.get_by_label("What will change")).to_contain_text("20 people no longer see the calls of 20 colleagues.")
    await drawer.get_by_role("button", name="Save").click()
    await expect(rights.get_by_text("Everybody: rights saved.")).to_be_visible()
    seen = {person["name"]: person["rights"] for person in (await api(luca, "GET", "/people"))["items"]}
    assert "pick-up" in seen["Elena Zuliani"]
    assert seen["Giulia Fornaci"] == []


async def test_the_page_follows_what_others_change(rights: Page) -> None:
    drawer = rights.get_by_role("dialog")
    await rights.get_by_role("button", name="Everybody").click()
    await expect(drawer.get_by_role("radio", name=re.compile("^Business"))).to_be_checked()
    await api(rights, "PATCH", "/admin/rights", {"everyone": "public"})
    await expect(drawer.get_by_role("radio", name=re.compile("^Public"))).to_be_checked()
    await expect(rights.get_by_role("row", name="Everybody", include_hidden=True)).to_contain_text("Public")


async def test_a_token_is_shown_once_and_works(demo: Demo, giulia: Page) -> None:
    await giulia.get_by_label("What for").fill("Door bell")
    await giulia.get_by_role("button", name="Create token").click()
    secret = await giulia.get_by_text("it is shown only once").locator("code").inner_text()
    outside = await giulia.context.browser.new_context()  # type: ignore[union-attr]
    bearer = {"Authorization": f"Bearer {secret}"}
    answer = await outside.request.get(f"{demo.url}/api/v1/me", headers=bearer)
    assert (await answer.json())["login"] == GIULIA
    refused = await outside.request.post(f"{demo.url}/api/v1/calls", headers=bearer, data={"to": "102"})
    assert refused.status == 403
    await giulia.reload()
    await expect(giulia.get_by_text("Door bell")).to_be_visible()
    await expect(giulia.get_by_text(secret)).to_have_count(0)
    await giulia.get_by_role("button", name="Delete token Door bell").click()
    await expect(giulia.get_by_text("Door bell")).to_have_count(0)
    assert (await outside.request.get(f"{demo.url}/api/v1/me", headers=bearer)).status == 401
    await outside.close()


async def test_a_new_password(demo: Demo, sign_in: SignIn) -> None:
    page = await sign_in("paola.cossettini", "/settings")
    old, new = demo.passwords["paola.cossettini"], "correct horse battery"
    await page.get_by_label("Present password").fill(old)
    await page.get_by_label("New password", exact=True).fill(new)
    await page.get_by_label("New password again").fill(new + "!")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("The two new passwords differ.")).to_be_visible()
    await page.get_by_label("New password again").fill(new)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("The password has been changed.")).to_be_visible()
    demo.passwords["paola.cossettini"] = new
