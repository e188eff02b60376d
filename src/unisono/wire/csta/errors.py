"""What the codec raises; nothing else leaves it, whatever the bytes were."""


class CodecError(ValueError):
    """These bytes are no message, or this message cannot be written. `data` holds the bytes, if there were any."""

    def __init__(self, why: str, data: bytes = b"") -> None:
        super().__init__(why)
        self.why = why
        self.data = data
