"""Exports in the browser: columns of one's own, looked at, written, downloaded."""

from pathlib import Path

from playwright.async_api import expect
from tests.e2e.accessible import violations
from tests.e2e.people import ADMIN
from tests.e2e.staging import SignIn


async def test_contacts_leave_as_a_file_with_columns_of_ones_own(sign_in: SignIn, tmp_path: Path) -> None:
    admin = await sign_in(ADMIN, "/admin/exports/new", bypass_csp=True, reduced_motion="reduce")
    await admin.get_by_role("button", name="CSV (table)").click()
    await admin.get_by_label("Name of the export").fill("For the franking machine")
    await admin.get_by_role("checkbox", name="Customers").check()
    await admin.get_by_label("Only contacts").fill("company ~ 'Harrison'")
    await admin.get_by_role("button", name="My own").click()
    while await admin.locator(".export-column").count() > 1:
        await admin.get_by_role("button", name="Remove column 2", exact=True).click()
    await admin.get_by_label("Name of column 1").fill("Addressee")
    await admin.get_by_label("Expression of column 1").fill("{last_name : upper}, {first_name}")
    first = admin.get_by_role("region", name="The first contacts as they would leave")
    await expect(first).to_contain_text("HARRISON, George")
    found = await violations(admin)
    await admin.get_by_role("button", name="As the file").click()
    await expect(admin.locator(".export-text")).to_contain_text('"Addressee"')
    await admin.get_by_role("button", name="Save and export").click()
    run = admin.get_by_test_id("run")
    await expect(run).to_have_attribute("data-state", "done")
    async with admin.expect_download() as download:
        await run.get_by_role("link", name="Download").click()
    await (await download.value).save_as(tmp_path / "file.csv")
    assert "HARRISON, George" in (tmp_path / "file.csv").read_text("utf-8-sig")
    await admin.goto(admin.url.split("/admin")[0] + "/admin/exports")
    row = admin.get_by_test_id("export-For the franking machine")
    await expect(row).to_contain_text("1 book → CSV (table)")
    await row.get_by_role("link", name="For the franking machine", exact=True).click()
    await admin.get_by_role("button", name="Delete").click()
    await admin.get_by_role("button", name="Really delete For the franking machine").click()
    await expect(admin.get_by_role("button", name="CSV (table)")).to_be_visible()
    assert not found
