"""Contacts: a file with bad rows, one made by hand."""

from playwright.async_api import FilePayload, expect
from tests.e2e.people import ADMIN, MARCO, banner, bar
from tests.e2e.staging import Demo, SignIn

STRANGER = "+442079460997"
FILE = """Firma;Vorname;Name;Telefon;Mobil;Mail
Keramik Sommer GmbH;Jutta;Sommer;089 99998 501;+49 171 3920077;jutta@sommer.example
Keramik Sommer GmbH;Udo;Sommer;kein Telefon;;udo@sommer.example
;;;;;
Brenner OHG;Eva;Brenner;+4999999999999999999999;;eva@brenner.example
Ofenbau Lindner;Max;Lindner;089 99998 502;;max@lindner.example
"""


async def test_a_file_with_bad_rows_is_imported_and_reported(demo: Demo, sign_in: SignIn) -> None:
    admin, marco = await sign_in(ADMIN, "/admin/import"), await sign_in(MARCO)
    content: FilePayload = {"name": "partners.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")}
    await admin.get_by_label("Choose", exact=False).set_input_files(content)
    await expect(admin.get_by_role("columnheader", name="Telefon")).to_be_visible()
    await admin.get_by_label("Location").select_option("Munich")
    await admin.get_by_role("button", name="Import", exact=True).click()
    await expect(admin.locator(".notice.good")).to_contain_text("contacts imported")
    bad = admin.locator("section").filter(has_text="not imported")
    await expect(bad).to_contain_text("line 4it has no name, company, number or e-mail address")
    await demo.pbx("call", **{"from": "+498999998501", "to": "102"})
    await expect(banner(marco)).to_contain_text("Jutta Sommer")
    await expect(banner(marco)).to_contain_text("Keramik Sommer GmbH")


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
