"""Why a record was not taken, in English; the client has the same codes in its languages."""

from collections.abc import Iterable, Mapping

from unisono.directory.runs.model import BadRow
from unisono.kernel.errors import Invalid

WORDS: Mapping[str, str] = {
    # The whole source
    "some-lines-not-utf-8": "{lines} lines are not UTF-8 like the others; they are listed as bad.",
    "read-as-windows-1252": "The file is not UTF-8; it was read as Windows-1252. If accents are wrong, save it as UTF-8.",
    "no-header": "The first row holds no titles; the columns were numbered.",
    "rows-above": "{rows} rows above the titles are no part of the table.",
    "columns-left-out": "Nothing is made of these columns: {columns}. Say on the source's page what they mean.",
    "no-location": (
        "There is no location: numbers without a country code were read as in Italy."
        " Add yours (Administration, Number locations) and import again, with --location where there are several."
    ),
    "deleted-unseen": "the account may not use DirSync; entries that were deleted may only be noticed when all is read",
    "too-many-rows": "only the first {most} rows were read",
    # One record
    "encoding": (
        "it is not {encoding}: byte 0x{byte} at place {place};"
        " save the file as UTF-8, or say what it is (`encoding` on the source's page, --encoding at the command line)"
    ),
    "row-too-large": "it has {bytes} bytes; a row may have {most}",
    "row-too-long": "it has {characters} characters; a row may have {most}",
    "too-many-columns": "it has {columns} columns; at most {most} are read",
    "more-cells": (
        "it has {cells} cells, the table {columns} columns;"
        " put a cell that holds the delimiter into quotes, or give the further columns titles in the first row"
    ),
    "cell-outside": (
        "its cell {cell} stands outside the table of {columns} columns;"
        " give that column a title in the first row, or empty the cell"
    ),
    "quote-open": "a quote is opened and never closed",
    "quotes-open": "a quote is never closed; too many of these, the rows up to line {until} were left out",
    "ldif-change": "it is a change ({change}), not an entry",
    "ldif-no-dn": "the entry has no dn, which names it",
    "card-open": "the card does not end",
    "unreadable": "it cannot be read: {error}",
    "private": "it is marked as private; books that everybody sees take no private contacts",
    "text-too-long": "{field} has {characters} characters; at most {most} are taken",
    "nothing-findable": "it has no name, company, number or e-mail address",
    "key-twice": "its key {key!r} is the same as in line {first}",
    "row-twice": "it is the same as line {first}",
    # A stored record, when contacts are made anew of it
    "stored-private": "the record {key} is marked as private as the mapping is now; its contact went",
    "stored-nothing-findable": (
        "the record {key} has no name, company, number or e-mail address as the mapping is now; its contact went"
    ),
    "stored-text-too-long": (
        "{field} of the record {key} has {characters} characters as the mapping is now; at most {most} are taken."
        " Its contact stays as it was, if it is still known: shorten the field, or change the mapping"
    ),
    "stored-row-too-long": (
        "the record {key} has {characters} characters as the mapping is now; a row may have {most}."
        " Its contact stays as it was, if it is still known: shorten it, or change the mapping"
    ),
    # A number, or an e-mail address, of a record that is taken
    "number-unreadable": "{number} is no telephone number; the contact was taken without it",
    "canonical-unreadable": "{number} is no number in international form (+ and digits); the number was read as it is written",
    "several-numbers": "{number} holds several numbers; all were taken",
    "mail-unreadable": "{mail} holds what is no e-mail address; the contact was taken without it",
    "number-part-left-out": "of {number} the first number was taken; what stands behind it was left out",
    "number-left-out": "{number} was left out; a contact may have {most} numbers",
}


def words(bad: BadRow) -> str:
    """The reason as a person reads it."""
    data = {name: f"{value:,}" if isinstance(value, int) and name != "first" else value for name, value in bad.data.items()}
    try:
        return WORDS[bad.code].format_map(data)
    except (KeyError, IndexError, ValueError):
        # A kind of source that somebody else wrote: its code is better than nothing.
        return " ".join((bad.code, *(f"{name}={value}" for name, value in bad.data.items())))


def nothing_read(items: Iterable[object]) -> Invalid:
    """What a file without any good record is refused with: the reason of its first bad one, if it has one."""
    for bad in items:
        if isinstance(bad, BadRow):
            where = {"field": "file", "line": bad.line, "reason": words(bad)}
            return Invalid("no-good-row", f"No row of the file can be read. Line {bad.line}: {words(bad)}.", data=where)
    return Invalid("empty-file", "The file has no record that can be read.", data={"field": "file"})
