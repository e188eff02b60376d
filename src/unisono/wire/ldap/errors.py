"""What the codec raises; nothing else leaves it, whatever the bytes or the text were."""


class CodecError(ValueError):
    """These bytes or this text cannot be read, or this value cannot be written.

    `at` counts bytes (or characters of a text) from the start of what was read. Of a request, `message_id` and `request_tag`
    (the tag of its operation) say what was known when it went wrong; 0 if nothing was. `code`: what is wrong in a word, where
    people have to be told in their language.
    """

    def __init__(self, why: str, at: int = 0, code: str = "") -> None:
        super().__init__(f"{why} (at {at})")
        self.why = why
        self.at = at
        self.code = code
        self.message_id = 0
        self.request_tag = 0


class BerError(CodecError):
    """No LDAPMessage, or its structure is broken. RFC 4511 4.1.1 wants a Notice of Disconnection and the connection closed."""


class ProtocolError(CodecError):
    """A well-formed message that means nothing or too much. It is answered with `protocolError`; the connection lives on."""


class TextError(CodecError):
    """A filter (RFC 4515) or a distinguished name (RFC 4514) that is none; `at` is the character where it went wrong."""
