"""Which contacts leave, and as what: conditions and columns made ready. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from unisono.directory.exporters.model import ExportColumn, Exported, Exporter
from unisono.directory.exporters.values import BESIDES, FIELDS, Written, values_of
from unisono.directory.model import CUSTOM, Contact
from unisono.directory.replicators.expression import Expression, ExpressionError, parse
from unisono.directory.replicators.source import Value
from unisono.kernel.errors import Invalid

MOST_COLUMNS = 200
MOST_CONDITIONS = 50
_HOLDS = "yes"
_KNOWN = frozenset((*FIELDS, *BESIDES))


class Selection:
    """An export's columns and conditions. Raises `Invalid` where they cannot be meant, and says where."""

    def __init__(self, exporter: Exporter, usual: Sequence[ExportColumn]) -> None:
        if len(exporter.columns) > MOST_COLUMNS or len(exporter.conditions) > MOST_CONDITIONS:
            message = f"An export has at most {MOST_COLUMNS} columns and {MOST_CONDITIONS} conditions."
            raise Invalid("export-too-wide", message, data={"field": "columns"})
        columns = exporter.columns or usual
        made = [(column.name, _parsed(column.value, "columns")) for column in columns]
        self._columns = [(name, expression.read) for name, expression in made]
        # Most exports are fields as they are, each in one column, which needs no walk through expressions.
        plain = [(name, expression.column) for name, expression in made if expression.column]
        self._plain = plain if len(plain) == len(made) == len({name for name, _ in made}) else None
        self._conditions = [condition(text) for text in exporter.conditions]
        self.names = tuple(dict.fromkeys(column.name for column in columns))
        """The columns' names, each once; none: whatever a contact has."""

    def exported(self, contacts: Iterable[Contact], written: Written) -> Iterator[Exported | None]:
        """Each contact as it leaves, or None for one that stays."""
        for contact in contacts:
            yield self.one(contact, written)

    def one(self, contact: Contact, written: Written) -> Exported | None:
        """A contact as it leaves, or None if it stays."""
        values = values_of(contact, written)
        known = {**values, "id": contact.id, "book": contact.book, "name": contact.name}
        if not all(holds.values(known) for holds in self._conditions):
            return None
        if not self._columns:
            return Exported(contact.id, contact.name, values)
        if self._plain is not None:
            return Exported(contact.id, contact.name, {name: value for name, of in self._plain if (value := known.get(of))})
        found: dict[str, Value] = {}
        for name, read in self._columns:
            value = read(known)
            if value:
                before = found.get(name)
                found[name] = value if before is None else joined(before, value)
        return Exported(contact.id, contact.name, found)


def condition(text: str) -> Expression:
    """A condition as people write it (`business_city = 'Udine'`, `phone_mobile`, `! email`). Raises `ExpressionError`."""
    try:
        found = parse(f"{{{text} ? '{_HOLDS}'}}")
    except ExpressionError as error:
        error.data["field"] = "conditions"
        raise
    if len(found.parts) != 1:
        raise Invalid("bad-condition", f"{text!r} is more than one condition.", data={"field": "conditions", "condition": text})
    return _of_contact(found, "conditions")


def joined(first: Value, second: Value) -> Value:
    """The values of both, each once."""
    both = dict.fromkeys((*all_of(first), *all_of(second)))
    return next(iter(both)) if len(both) == 1 else tuple(both)


def all_of(value: Value) -> tuple[str, ...]:
    """A value's texts that are not empty."""
    return ((value,) if value else ()) if isinstance(value, str) else tuple(text for text in value if text)


def _parsed(text: str, field: str) -> Expression:
    try:
        return _of_contact(parse(text), field)
    except ExpressionError as error:
        error.data["field"] = field
        raise


def _of_contact(expression: Expression, field: str) -> Expression:
    """The expression, if all that it reads can be in a contact: what is misspelt would be empty in each. Raises `Invalid`."""
    for name in sorted(expression.columns - _KNOWN):
        if not name.startswith(CUSTOM):
            message = f"A contact has no field {name!r}; a custom one is called {CUSTOM}NAME."
            raise Invalid("no-such-field", message, data={"field": field, "name": name})
    return expression
