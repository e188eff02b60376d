"""CardDAV, read-only (RFC 6352): the address books of people, as far as their profiles reach, for their programs."""
