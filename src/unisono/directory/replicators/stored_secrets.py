"""Secrets among stored settings: they are not shown, and go to nobody they were not entered for. Pure."""

from collections.abc import Collection, Mapping

from unisono.kernel.errors import Invalid

Settings = Mapping[str, object]


def kept(wanted: Settings, before: Settings | None, secrets: Collection[str], harmless: Collection[str]) -> dict[str, object]:
    """The settings, where an empty secret means the stored one.

    A stored secret goes to the peer it was entered for and to no other: raises `Invalid` where anything else has changed
    that may say who the peer is, which is all but what is harmless.
    """
    found = {n: old for n in secrets if not wanted.get(n) and (old := (before or {}).get(n))}
    if before is not None and found:
        free = {*secrets, *harmless}
        now, then = ({n: v for n, v in s.items() if n not in free} for s in (wanted, before))
        if now != then:
            raise Invalid(
                "secret-again",
                "The address has changed: enter the password again, so that it goes to nobody it is not meant for.",
                data={"field": min(found)},
            )
    return {**wanted, **found}


def hidden(settings: Settings, secrets: Collection[str]) -> dict[str, object]:
    """The settings as they are shown: a secret is empty."""
    return {name: "" if name in secrets else value for name, value in settings.items()}
