"""The negative answer to every request (ECMA-269, universal failure)."""

from enum import StrEnum
from typing import Self
from xml.etree.ElementTree import Element

from unisono.wire.csta.errors import CodecError
from unisono.wire.csta.message import Response, message
from unisono.wire.csta.xml import Output, escape, local


class ErrorCategory(StrEnum):
    """Categories of errors, spelt as in the standard."""

    OPERATION = "operation"
    PERFORMANCE_MANAGEMENT = "performanceManagement"
    PRIVATE_DATA = "privateData"
    PRIVATE_ERROR_CODE = "privateErrorCode"
    SECURITY = "security"
    STATE_INCOMPATIBILITY = "stateIncompatibility"
    SUBSCRIBED_RESOURCE_AVAILABILITY = "subscribedResourceAvailability"
    SYSTEM_RESOURCE_AVAILABILITY = "systemResourceAvailibility"
    UNSPECIFIED = "unspecified"


_CATEGORIES = {category.value: category for category in ErrorCategory}
# Some peers spell this word as it should be.
_CATEGORIES["systemResourceAvailability"] = ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY


@message
class CSTAErrorCode(Response):
    """Why a request was refused: `invalidDeviceID`, `noCallToAnswer` ... by category; more than 300 values, kept as text."""

    category: ErrorCategory
    value: str = ""

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read the first category we know; what is inside another element counts as unspecified, with its words."""
        for child in element:
            category = _CATEGORIES.get(local(child.tag))
            if category is not None:
                return cls(category, (child.text or "").strip())
        words = " ".join(text for part in element.itertext() if (text := part.strip()))
        if not words and not len(element):
            raise CodecError("An error without a category.")
        return cls(ErrorCategory.UNSPECIFIED, words)

    def write_children(self, out: Output) -> None:
        """Append the one child."""
        out.append(f"<{self.category.value}>{escape(self.value)}</{self.category.value}>")

    def __str__(self) -> str:
        return f"{self.category.value}: {self.value}" if self.value else self.category.value
