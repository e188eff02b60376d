"""Which cards fit a filter (RFC 6352 10.5), and where in a large book they can be. Pure."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from unisono.directory.fold import folded_piece
from unisono.directory.model import Contact
from unisono.directory.phonebooks.carddav.asked import Filter, ParameterFilter, PropertyFilter, TextMatch
from unisono.directory.phonebooks.vcard import Version, card
from unisono.directory.replicators.vcard import Card, Property, cards
from unisono.directory.segment import Attribute, Segment

_ATTRIBUTES: Mapping[str, Sequence[Attribute]] = {
    "FN": (Attribute.CN,),
    "N": (Attribute.SN, Attribute.GIVEN_NAME),
    "ORG": (Attribute.O, Attribute.DEPARTMENT),
    "TITLE": (Attribute.TITLE,),
    "EMAIL": (Attribute.MAIL,),
}
"""Where the texts of a property are indexed."""


def fits(contact: Contact, wanted: Filter) -> bool:
    """Whether a contact's card fits."""
    if not wanted.properties:
        return True
    found = next(iter(cards(card(contact, Version.V3).encode().splitlines(keepends=True))))
    properties = found.properties if isinstance(found, Card) else ()
    return _of(wanted.everything)(_property_fits(properties, each) for each in wanted.properties)


def candidates(segment: Segment, wanted: Filter) -> Iterator[int | None] | None:
    """Ordinals among which are all that fit, some more than once, with breathing marks; None: any can fit.

    A card's texts are compared without accents here, so that these are rather too many than too few.
    """
    indexed = [_indexed(each) for each in wanted.properties]
    if wanted.everything:
        known = next((each for each in indexed if each is not None), None)
        return None if known is None else _holding(segment, [known])
    if not indexed or None in indexed:
        return None
    return _holding(segment, [each for each in indexed if each is not None])


def _indexable(text: str) -> bool:
    """Without letters it can be a number, which is the name of who has none; a semicolon parts what is indexed apart."""
    return any(character.isalpha() for character in text) and ";" not in text and bool(folded_piece(text).strip())


_Place = tuple[Sequence[Attribute], Sequence[str]]


def _indexed(each: PropertyFilter) -> _Place | None:
    attributes = _ATTRIBUTES.get(each.name)
    positive = [match.text for match in each.matches if not match.negate and _indexable(match.text)]
    if attributes is None or each.absent or not positive:
        return None
    if each.everything:
        return attributes, positive[:1]
    return (attributes, positive) if len(positive) == len(each.matches) and not each.parameters else None


def _holding(segment: Segment, places: Iterable[_Place]) -> Iterator[int | None]:
    for attributes, texts in places:
        for attribute in attributes:
            for text in texts:
                yield from segment.with_value_within(attribute, (folded_piece(text).strip(),))


def _of(everything: bool) -> Callable[[Iterable[bool]], bool]:
    return all if everything else any


def _property_fits(properties: Sequence[Property], wanted: PropertyFilter) -> bool:
    there = [each for each in properties if each.name == wanted.name]
    if wanted.absent:
        return not there
    if not wanted.matches and not wanted.parameters:
        return bool(there)
    return any(
        _of(wanted.everything)(
            (
                *(_text_fits(each.text, match) for match in wanted.matches),
                *(_parameter_fits(each, parameter) for parameter in wanted.parameters),
            )
        )
        for each in there
    )


def _parameter_fits(each: Property, wanted: ParameterFilter) -> bool:
    values = each.parameters.get(wanted.name, ())
    if wanted.absent:
        return not values
    if wanted.match is None:
        return bool(values)
    return any(_text_fits(value, wanted.match) for value in values)


def _folded(text: str) -> str:
    """As i;unicode-casemap compares it (RFC 5051): programs of Apple's send accents apart from their letters."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _text_fits(value: str, wanted: TextMatch) -> bool:
    have, text = (value, wanted.text) if wanted.exact_case else (_folded(value), _folded(wanted.text))
    match wanted.match:
        case "equals":
            found = have == text
        case "starts-with":
            found = have.startswith(text)
        case "ends-with":
            found = have.endswith(text)
        case _:
            found = text in have
    return found is not wanted.negate
