"""Where the quoted cells of a CSV file begin and end, line by line (RFC 4180). Sans I/O."""


def swallows(lines: list[bytes], delimiter: bytes) -> bool:
    """Whether one of these lines, which quotes make one record, may be a record of its own that an open quote has swallowed."""
    return any(not_closing(lines[0], line, delimiter) for line in lines[1:])


def not_closing(first: bytes, last: bytes, delimiter: bytes) -> bool:
    """Whether the first quote of a line closes no cell that is open since another one: no cell ends behind it, and both lines
    are whole rows, with as many delimiters.
    """
    close = closing_quote(last, 0)
    behind = last[close + 1 :].strip(b" \r")
    whole = first.count(delimiter) == last.count(delimiter) > 0
    return close >= 0 and whole and behind != b"" and not behind.startswith(delimiter)


def ends_in_quote(line: bytes, delimiter: bytes, *, inside: bool) -> bool:
    """Whether a quoted cell is still open at the end of a line; a quote counts as opening only where a cell begins."""
    at = 0
    while True:
        if not inside:
            while line[at : at + 1] == b" ":
                at += 1
            if line[at : at + 1] == b'"':
                inside = True
                at += 1
        if inside:
            close = closing_quote(line, at)
            if close < 0:
                return True
            inside, at = False, close + 1
        at = line.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def closing_quote(line: bytes, at: int) -> int:
    """Where the next quote stands that is none of two; -1 if there is none."""
    while True:
        at = line.find(b'"', at)
        if at < 0 or line[at + 1 : at + 2] != b'"':
            return at
        at += 2
