"""The stable codes of an explanation, in words for people at a command line. Clients translate the codes."""

REASONS = {
    "too-long": "it is too long to be one telephone number",
    "too-short": "it is too short for a number of its country",
    "letters": "letters stand in it that belong to no number",
    "no-number": "there is no number in it",
    "not-a-number": "it is no telephone number",
    "unknown-country-code": "no country has this country code",
    "anonymous": "no number was given",
    "suppressed-by-rule": "a rule of the location suppresses it",
    "connected-id-ignored": "the location ignores connected numbers",
    "barred-by-rule": "a rule of the location leaves nothing to dial",
}


NOTES = {
    "first-number": "only the first number is used",
    "words-left-out": "the words after the number are left out",
    "outside-digit-kept": "kept: what is left would be no number, so the PBX did not send an outside digit",
    "own-line": "a line of this site",
    "no-time": "no time was given",
    "no-zone": "in no zone",
    "as-extension": "as an extension",
    "as-supercanonical": "super-canonical, as the dial format says",
    "as-digits": "digits only, as the dial format says",
    "as-always-international": "always international, as the dial format says",
    "as-international": "international call",
    "as-national": "national call",
    "as-local": "local call",
}
"""What a stage decided."""


def explained(code: str) -> str:
    """The words for a reason or a note; the code itself if it has none, as a number's kind."""
    return REASONS.get(code) or NOTES.get(code, code)
