"""Filling books from the command line, with and without a running server."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scripts.command import unisono

LOADS = ("unisono.app.sources", "unisono.app.exports")

WRITTEN = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "pure" / "numbers" / "written.jsonl").read_text().splitlines()
]
KINDS = ("work", "mobile", "home", "fax")


def contacts() -> list[dict[str, object]]:
    """A thousand contacts with numbers as people of three countries write them; `country` says which."""
    found: list[dict[str, object]] = []
    for country in ("IT", "DE", "GB"):
        numbers = [row for row in WRITTEN if row["country"] == country]
        for at in range(0, len(numbers), 3):
            phones = [
                {"kind": KINDS[place], "raw": row["raw"], "e164": row["e164"]} for place, row in enumerate(numbers[at : at + 3])
            ]
            name = f"Contact {country} {at}"
            found.append({"id": f"{country}{at}", "country": country, "cn": name, "o": "Rossi Srl", "phones": phones})
    return found


MANY = len(contacts())


def as_csv(file: Path) -> None:
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        columns = [f"phone{number}_{what}" for number in (1, 2, 3) for what in ("kind", "raw", "e164")]
        writer.writerow(["id", "country", "cn", "o", *columns])
        for contact in contacts():
            phones: list[dict[str, str]] = contact["phones"]  # type: ignore[assignment]
            cells = [phone[what] for phone in phones for what in ("kind", "raw", "e164")]
            writer.writerow([contact[name] for name in ("id", "country", "cn", "o")] + cells)


def as_json_lines(file: Path) -> None:
    file.write_text("".join(json.dumps(contact) + "\n" for contact in contacts()))


def imported(home: Path, file: Path, book: str = "CRM") -> dict[str, object]:
    done = unisono("directory", "import", str(file), "--book", book, "--json", home=home)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def found_by_number(home: Path) -> None:
    """Every number finds its contact, with the kind that stood beside it."""
    from unisono.directory.identify import identify
    from unisono.directory.manifest import LayerFile, Manifest, index

    folder = home / "unisono" / "directory"
    [segment] = [path.name for path in folder.iterdir() if path.suffix == ".segment"]
    picture, _ = index(folder, Manifest(1, {"crm": (LayerFile(segment),)}))
    for contact in contacts():
        phones: list[dict[str, str]] = contact["phones"]  # type: ignore[assignment]
        for phone in phones:
            who = identify(picture, phone["e164"])
            assert who is not None, phone
            numbers = {number.canonical for number in who.contact.numbers}
            assert phone["e164"] in numbers
    anna = identify(picture, str(contacts()[0]["phones"][0]["e164"]))  # type: ignore[index]
    assert anna is not None
    assert [number.kind.value for number in anna.contact.numbers] == ["business", "mobile", "home"]


def test_a_csv_file_as_it_is(tmp_path: Path) -> None:
    as_csv(tmp_path / "contacts.csv")
    first = imported(tmp_path, tmp_path / "contacts.csv")
    assert first["counts"] == counts(rows=MANY, added=MANY)
    found_by_number(tmp_path)
    assert imported(tmp_path, tmp_path / "contacts.csv")["counts"] == counts(rows=MANY, unchanged=MANY)


def test_json_lines_as_they_are(tmp_path: Path) -> None:
    as_json_lines(tmp_path / "contacts.jsonl")
    assert imported(tmp_path, tmp_path / "contacts.jsonl")["counts"] == counts(rows=MANY, added=MANY)
    found_by_number(tmp_path)


def counts(**given: int) -> dict[str, int]:
    names = ("rows", "total", "added", "changed", "removed", "unchanged", "failed", "odd")
    return {name: given.get(name, given["rows"] if name == "total" else 0) for name in names}


def test_a_worker_whose_listener_was_killed_ends_quietly() -> None:
    said = "from unisono.directory.runs import ending, model, process\n"
    said += "for _ in range(3): ending.tell(process.Told(model.Counts()))"
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run([sys.executable, "-c", said], stdout=nobody, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_import_that_fails_leaves_the_source_as_it_was(tmp_path: Path) -> None:
    rows = [f"{number};Contact {number};0432 55{number:04}" for number in range(10)]
    good, bad = tmp_path / "contacts.csv", tmp_path / "others.csv"
    good.write_text("\n".join(["Id;Name;Phone", *rows]))
    bad.write_text("Company;Phone\n;\n")
    imported(tmp_path, good)
    failed = unisono("directory", "import", str(bad), "--book", "CRM", "--json", home=tmp_path)
    assert (failed.returncode, json.loads(failed.stdout)["code"]) == (1, "nothing-imported")
    again = unisono("replicate", "CRM", "--json", home=tmp_path)
    assert (again.returncode, json.loads(again.stdout)["counts"]) == (0, counts(rows=10, unchanged=10))


def test_an_import_that_would_take_much_away_asks(tmp_path: Path) -> None:
    rows = [f"{number};Contact {number};0432 55{number:04}" for number in range(10)]
    good, cut = tmp_path / "contacts.csv", tmp_path / "cut.csv"
    good.write_text("\n".join(["Id;Name;Phone", *rows]))
    cut.write_text("\n".join(["Id;Name;Phone", *rows[:5]]))
    imported(tmp_path, good)
    command = ("directory", "import", str(cut), "--book", "CRM")
    asked = unisono(*command, home=tmp_path)
    assert asked.returncode == 3
    assert "5 of 10 contacts would go, which is more than 20 %. The book stays as it was; say --yes" in asked.stdout
    asked = unisono(*command, "--json", home=tmp_path)
    told = json.loads(asked.stdout)
    assert (asked.returncode, told["state"], told["code"], told["counts"]["removed"]) == (3, "asks", "many-removed", 5)
    again = unisono("replicate", "CRM", "--json", home=tmp_path)
    assert (again.returncode, json.loads(again.stdout)["counts"]) == (0, counts(rows=10, unchanged=10))
    agreed = unisono(*command, "--yes", "--json", home=tmp_path)
    assert (agreed.returncode, json.loads(agreed.stdout)["counts"]) == (0, counts(rows=5, removed=5, unchanged=5))


def test_what_is_not_taken_of_a_contact_is_said(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    numbers = " / ".join(f"0432 55{number:04}" for number in range(3))
    file.write_text(f"Id;Name;Phone;Mobile;Country\n1;Anna;{numbers};nix;IT\n2;Ben;?;3,90433E+11;IT\n")
    done = unisono("directory", "import", str(file), "--book", "Odd", home=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "3 numbers could not be read: see --json")
    file.write_text(file.read_text().replace("Ben", "Ada"))
    told = imported(tmp_path, file, "Odd")
    assert [(odd["line"], odd["code"], odd["data"]["number"]) for odd in told["odd"]] == [  # type: ignore[attr-defined]
        (3, "number-unreadable", "?"),
        (3, "number-unreadable", "3,90433E+11"),
    ]


def test_what_was_guessed_about_a_file_is_said(tmp_path: Path) -> None:
    """Its letters, columns that mean nothing to us, and whose numbers they are while there is no location."""
    file = tmp_path / "contacts.csv"
    file.write_bytes("Id;Name;Telefon;Schuhgröße\n1;Jürgen;089 123456;44\n".encode("cp1252"))
    done = unisono("directory", "import", str(file), "--book", "Munich", home=tmp_path)
    assert done.returncode == 0
    assert "numbers without a country code were read as in Italy" in done.stdout
    assert "read as Windows-1252" in done.stdout
    assert "these columns: Schuhgröße." in done.stdout
    file.write_text("Id;Name;Telefon\n1;Jürgen;089 123456\n")
    assert [note["code"] for note in imported(tmp_path, file, "Munich")["notes"]] == ["no-location"]  # type: ignore[attr-defined]
    refused = unisono("directory", "import", str(file), "--book", "Munich", "--location", "DE", home=tmp_path)
    assert (refused.returncode, "there is none yet: add one" in refused.stderr) == (2, True)


def test_a_file_whose_encoding_nobody_finds_out_says_it(tmp_path: Path) -> None:
    """The source has it until the next import; it is refused where there is none of this name, or no choice."""
    file = tmp_path / "contacts.csv"
    file.write_bytes("Id;Name;Telefon\n1;Jürgen Größer;089 123456\n".encode("cp850"))
    command = ("directory", "import", str(file), "--book", "Munich")
    done = unisono(*command, "--encoding", "IBM850", "--json", home=tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, [note["code"] for note in told["notes"]]) == (0, ["no-location"])
    dry = unisono("replicate", "Munich", "--dry-run", "--json", home=tmp_path)
    assert json.loads(dry.stdout)["counts"] == counts(rows=1, unchanged=1)
    exported = tmp_path / "munich.csv"
    assert unisono("directory", "export", "Munich", "--file", str(exported), home=tmp_path).returncode == 0
    assert "Jürgen Größer" in exported.read_text()
    again = json.loads(unisono(*command, "--json", home=tmp_path).stdout)
    assert [note["code"] for note in again["notes"]] == ["no-location", "read-as-windows-1252"]
    unknown = unisono(*command, "--encoding", "ebcdic", home=tmp_path)
    assert (unknown.returncode, "ebcdic is not known; there are utf-8, " in unknown.stderr) == (2, True)
    workbook = file.rename(file.with_suffix(".xlsx"))
    needless = unisono("directory", "import", str(workbook), "--book", "Munich", "--encoding", "cp850", home=tmp_path)
    assert (needless.returncode, "leave --encoding out" in needless.stderr) == (2, True)


def test_how_the_commands_end(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    rows = [f"{number};Contact {number};0432 55{number:04}" for number in range(10)]
    file.write_text("\n".join(["Id;Name;Phone", *rows, "10;;"]))
    done = unisono("directory", "import", str(file), "--book", "Customers", home=tmp_path)
    assert done.returncode == 4
    assert "10 added" in done.stdout
    assert "line 12: it has no name" in done.stdout

    file.write_text("\n".join(["Id;Name;Phone", *rows[:5]]))
    dry = unisono("replicate", "customers", "--dry-run", "--json", home=tmp_path)
    assert (dry.returncode, json.loads(dry.stdout)["counts"]["removed"]) == (3, 5)
    assert (json.loads(dry.stdout)["state"], json.loads(dry.stdout)["code"]) == ("done", "many-removed")
    dry = unisono("replicate", "customers", "--dry-run", home=tmp_path)
    assert "5 of 10 contacts would go" in dry.stdout
    assert "The run itself would stop here and ask." in dry.stdout
    dry = unisono("replicate", "customers", "--dry-run", "--yes", "--json", home=tmp_path)
    assert (dry.returncode, json.loads(dry.stdout)["code"], json.loads(dry.stdout)["counts"]["removed"]) == (0, "", 5)
    asked = unisono("replicate", "Customers", home=tmp_path)
    assert asked.returncode == 3
    assert "5 of 10 contacts would go" in asked.stdout
    assert "say --yes" in asked.stdout

    vendors = tmp_path / "config" / "Customers.repxml"
    by_vendor = unisono("replicate", str(vendors), "--json", home=tmp_path)
    assert json.loads(by_vendor.stdout)["state"] == "asks"
    vendors.parent.mkdir()
    vendors.write_text('<?xml version="1.0"?><Replicator Name="Nobody"><Data><Name>customers</Name></Data></Replicator>')
    vendors = vendors.rename(vendors.with_name("r1.repxml"))
    assert unisono("replicate", str(vendors), home=tmp_path).returncode == 3
    agreed = unisono("replicate", "Customers", "--yes", "--json", home=tmp_path)
    assert (agreed.returncode, json.loads(agreed.stdout)["counts"]) == (0, counts(rows=5, removed=5, unchanged=5))

    file.unlink()
    failed = unisono("replicate", "Customers", "--json", home=tmp_path)
    assert (failed.returncode, json.loads(failed.stdout)["code"]) == (1, "no-file")
    unknown = unisono("replicate", r"config\Nobody.repxml", home=tmp_path)
    assert unknown.returncode == 2
    assert "There is no source 'Nobody'; there are: Customers" in unknown.stderr
    for wrong in (("replicate",), ("directory", "import", str(file), "--book", "x")):
        assert unisono(*wrong, home=tmp_path).returncode == 2
    nonsense = tmp_path / "contacts.doc"
    nonsense.write_text("x")
    refused = unisono("directory", "import", str(nonsense), "--book", "x", home=tmp_path)
    assert refused.returncode == 1
    assert ".csv" in refused.stderr
