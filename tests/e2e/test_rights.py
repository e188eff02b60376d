"""Who sees what of whom; tokens for programs."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect
from tests.e2e.people import EMMA, EMMA_NUMBER, GIULIA, MARCO, api, tile
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
