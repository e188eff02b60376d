"""The stable reason codes of numbers, in words for people. Clients translate the codes."""

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


def explained(code: str) -> str:
    """The words for a reason code; the code itself if it has none."""
    return REASONS.get(code, code)
