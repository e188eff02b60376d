"""Exports from the command line, without a running server."""

import csv
import io
import json
from pathlib import Path

from tests.scripts.command import unisono

LOADS = ("unisono.app.sources", "unisono.app.exports")

ROWS = "Id;Name;Phone\n1;Anna Rossi;0432 551111\n2;Jörg Groß;0432 551112\n3;Zoë;0432 551113\n"
DONE, USAGE, FAILED = 0, 2, 1


def filled(home: Path) -> None:
    (home / "customers.csv").write_text(ROWS)
    done = unisono("directory", "import", str(home / "customers.csv"), "--book", "Customers", home=home)
    assert done.returncode == DONE, done.stderr


def test_a_book_into_files_of_every_kind(tmp_path: Path) -> None:
    filled(tmp_path)
    for name, more, begins in (
        ("out.csv", (), b"\xef\xbb\xbf\"entry_id\""),
        ("out.json", (), b"["),
        ("lines.json", ("--set", "form=lines"), b"{"),
        ("out.xml", (), b"<?xml"),
        ("out.vcf", (), b"BEGIN:VCARD\r\n"),
        ("out.ldif", ("--set", "base=dc=company,dc=example"), b"dn: uid="),
        ("table.txt", ("--format", "csv", "--set", "guard=false", "--set", "encoding=utf-8"), b"entry_id;"),
    ):
        file = tmp_path / name
        done = unisono("directory", "export", "customers", "--file", str(file), "--json", *more, home=tmp_path)
        assert done.returncode == DONE, (name, done.stderr, done.stdout)
        told = json.loads(done.stdout)
        assert (told["state"], told["counts"]["added"], told["bytes"]) == ("done", 3, file.stat().st_size)
        assert file.read_bytes().startswith(begins), name
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig")), delimiter=";"))
    assert [(row["display_name"], row["phone_business"]) for row in rows] == [
        ("Anna Rossi", "+390432551111"), ("Jörg Groß", "+390432551112"), ("Zoë", "+390432551113"),
    ]  # fmt: skip
    # What was exported fills another book without any set-up.
    done = unisono("directory", "import", str(tmp_path / "out.csv"), "--book", "Again", "--json", home=tmp_path)
    assert json.loads(done.stdout)["counts"]["added"] == 3


def test_what_cannot_be_is_said_with_its_exit_code(tmp_path: Path) -> None:
    filled(tmp_path)
    for arguments, code, words in (
        (("nobody",), USAGE, "There is no export"),
        (("nobody", "--file", str(tmp_path / "x.csv")), USAGE, "the books are: Customers"),
        (("customers", "--file", str(tmp_path / "x.pdf")), FAILED, ".csv"),
        (("customers", "--file", str(tmp_path / "none" / "y" / "x.ldif")), FAILED, "Give it: --set base="),
        (("customers", "--file", "/proc/x.csv"), FAILED, "/proc"),
        (("customers", "--file", str(tmp_path / "none" / "y" / "x.csv")), FAILED, "There is no folder"),
    ):
        done = unisono("directory", "export", *arguments, home=tmp_path)
        assert (done.returncode, words in done.stderr) == (code, True), (arguments, done.stderr)
        assert not (tmp_path / "x.csv").exists()
        assert not (tmp_path / "none").exists()
