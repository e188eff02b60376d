"""What a kind of connector declares about itself, and how the installed kinds are found.

A connector folder (ours or a third party's package) has a `MANIFEST` and names it in the entry point group
`unisono.connectors`. `app` makes instances; several of one kind run side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import msgspec

from unisono.calls.model import Service
from unisono.calls.port import Connector, Listener
from unisono.kernel.clock import Clock
from unisono.kernel.errors import Invalid
from unisono.kernel.log import Log
from unisono.kernel.settings import parse, schema, secret_names

GROUP = "unisono.connectors"
log = Log("connectors")

Create = Callable[[str, Any, Listener, Clock], Connector]
"""`create(instance_id, settings, listener, clock)`; `settings` is an instance of the manifest's declaration."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A kind's words in one language: what it is, and for each setting its title and what it is for ("": as declared)."""

    description: str
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One kind of connector.

    `key` is the entry point's name; `versions` are the peers it was really tested with, in words; `capabilities` is
    what it can do at best. `settings` is a `msgspec.Struct` with `forbid_unknown_fields=True`, whose fields are
    `Annotated[type, msgspec.Meta(description=...)]`; passwords have the type `kernel.secrets.Secret` and, when they
    may be empty, the default `msgspec.field(default_factory=no_secret)`. `recording` is what the files of a recorded link
    are called. `texts` are its words by language ("en", "it", "de"); where one is missing the declaration speaks, in English.
    """

    key: str
    name: str
    versions: tuple[str, ...]
    capabilities: frozenset[Service]
    settings: type[msgspec.Struct]
    create: Create
    recording: str = "frames"
    texts: Mapping[str, Texts] = field(default_factory=dict)

    def parse(self, raw: Mapping[str, object]) -> msgspec.Struct:
        """The settings as stored or entered (plain JSON values) as the declared type; raises `Invalid`."""
        try:
            return parse(raw, self.settings)
        except Invalid as error:
            message = f"{error.message} (a {self.name} connection)"
            raise Invalid("connector-settings", message, data={**error.data, "connector": self.key}) from error

    def description(self, locale: str = "en") -> str:
        """What it is, in this language if it has it."""
        texts = self.texts.get(locale) or self.texts.get("en")
        return texts.description if texts else (self.settings.__doc__ or "").strip()

    def schema(self, locale: str = "en") -> dict[str, Any]:
        """The settings as JSON Schema, for the admin form and the guide, in this language; secrets have `format: password`."""
        declared = schema(self.settings)
        fields = declared["$defs"][declared["$ref"].rpartition("/")[2]]["properties"]
        for each in ("en", locale):
            for name, (title, purpose) in (self.texts[each].settings if each in self.texts else {}).items():
                if name in fields:
                    fields[name] |= {"title": title, **({"description": purpose} if purpose else {})}
        return declared

    def secrets(self) -> frozenset[str]:
        """The names of settings that must never be shown."""
        return secret_names(self.settings)


@cache
def installed() -> Mapping[str, Manifest]:
    """All kinds of connector that are installed and can be loaded, by key; one that cannot is logged and left out.

    Links of a kind that is missing here stay configured; they are shown as not installed and do not run.
    """
    found: dict[str, Manifest] = {}
    for entry in entry_points(group=GROUP):
        try:
            found[entry.name] = entry.load()
        except Exception:  # somebody else's code: whatever it raises, the other connectors work on
            log.exception("connector cannot be loaded; install it again or remove it", kind=entry.name, entry=entry.value)
    return found
