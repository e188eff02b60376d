"""Contacts: a file with bad rows, one made by hand."""

import pytest
from playwright.async_api import FilePayload, expect
from tests.e2e.people import ADMIN, MARCO, banner, bar
from tests.e2e.staging import Demo, SignIn

STRANGER = "+442079460997"
FILE = """Firma;Vorname;Name;Telefon;Mobil;Mail
Keramik Sommer GmbH;Jutta;Sommer;089 99998 501;+49 171 3920077;jutta@sommer.example
Keramik Sommer GmbH;Udo;Sommer;kein Telefon;;udo@sommer.example
Keramik Sommer GmbH;Jutta;Sommer;089 99998 501;+49 171 3920077;jutta@sommer.example
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
    await expect(bad).to_contain_text("line 4It is the same as line 2.")
    await demo.pbx("call", **{"from": "+498999998501", "to": "102"})
    await expect(banner(marco)).to_contain_text("Jutta Sommer")
    await expect(banner(marco)).to_contain_text("Keramik Sommer GmbH")


@pytest.mark.parametrize(
    ("locale", "private", "title"),
    [("it", "È segnata come privata", "righe non importate"), ("de", "Sie ist als privat gekennzeichnet", "nicht eingelesen")],
)
async def test_the_reasons_of_bad_rows_are_in_the_readers_language(
    sign_in: SignIn, locale: str, private: str, title: str
) -> None:
    admin = await sign_in(ADMIN, "/admin/import", locale=locale)
    rows = "Company;Last name;Phone;Private\n;Rossi;0432 100101;yes\nA;B;0432 100102;\nA;B;0432 100102;\n"
    content: FilePayload = {"name": f"{locale}.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    await admin.locator("input[type=file]").set_input_files(content)
    await expect(admin.get_by_role("columnheader", name="Last name")).to_be_visible()
    await admin.locator("select").last.select_option("Udine")
    await admin.get_by_role("button", name="Importa" if locale == "it" else "Einlesen", exact=True).click()
    bad = admin.locator("section").filter(has_text=title)
    await expect(bad).to_contain_text(private)
    await expect(bad).to_contain_text("riga 3" if locale == "it" else "Zeile 3")


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
