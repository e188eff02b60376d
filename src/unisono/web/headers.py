"""Headers that tell browsers what our pages may do."""

from collections.abc import Mapping
from typing import Final

_ALWAYS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}
HSTS: Final = "max-age=31536000"


def policy(nonce: str) -> str:
    """The Content-Security-Policy of the client's page: own scripts only, and styles that carry this answer's nonce.

    Without a nonce (the page has no place for one) styles may be inline. `style-src-attr` lets components set positions.
    """
    styles = f"'nonce-{nonce}'" if nonce else "'unsafe-inline'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' {styles}",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of everything that is no page."""


PROBLEM: Final[Mapping[str, str]] = {**_ALWAYS, "content-security-policy": NOTHING}
"""For answers that are made where no middleware reaches: what the router itself refuses."""


def complete(headers: list[tuple[bytes, bytes]], *, tls: bool) -> list[tuple[bytes, bytes]]:
    """An answer's headers with those that every answer has; what is set already stays."""
    present = {name.lower() for name, _ in headers}
    extra = dict(PROBLEM)
    if tls:
        extra["strict-transport-security"] = HSTS
    added = [(name.encode(), value.encode()) for name, value in extra.items() if name.encode() not in present]
    return [*headers, *added]
