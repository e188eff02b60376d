"""Settings of the LDAP door."""

import os
from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
LDAP_PORT, LDAPS_PORT = 7712, 7714
"""Where a server answers that was told nothing: without the rights that lower ports need."""
MOST_BY_ITSELF = 4
"""Processes that are started unless somebody wants more."""


class LdapSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The door for telephones and programs that ask the directory."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        Port | None,
        Meta(description=f"LDAP, with StartTLS; 0 switches it off. Usual: 712; both left out: {LDAP_PORT} if free."),
    ] = None
    tls_port: Annotated[
        Port | None, Meta(description=f"LDAP over TLS; 0 switches it off. Usual: 714; both left out: {LDAPS_PORT} if free.")
    ] = None
    certificate: Annotated[str, Meta(description="PEM file, certificate chain; empty: that of the web door.")] = ""
    key: Annotated[str, Meta(description="PEM file, private key.")] = ""
    workers: Annotated[
        int, Meta(ge=0, le=64, description=f"Processes that answer; 0: one per core, at most {MOST_BY_ITSELF}.")
    ] = 0
    plain_passwords: Annotated[
        str, Meta(description="Networks, with commas between, from which passwords may come without TLS.")
    ] = "127.0.0.0/8,::1"
    active_directory: Annotated[
        str,
        Meta(pattern=r"^(.+:\d+)?$", description="host:636 of a directory over TLS that binds are passed on to; empty: none."),
    ] = ""
    active_directory_suffix: Annotated[str, Meta(description="What is put behind a name alone, such as @example.com.")] = ""
    active_directory_ca: Annotated[str, Meta(description="PEM file of the authority of its certificate.")] = ""
    connections: Annotated[Count, Meta(description="Most connections of one process.")] = 5_000
    connections_per_address: Annotated[Count, Meta(description="Most connections of one address in one process.")] = 1_000
    idle_seconds: Annotated[Count, Meta(description="A connection on which nothing happens is closed after this time.")] = 900
    stall_seconds: Annotated[
        Count, Meta(description="Time in which a message must have come whole, and what was sent must be read.")
    ] = 30
    size_limit: Annotated[Count, Meta(description="Most entries in an answer; pages may go on to the end.")] = 10_000
    time_limit: Annotated[Count, Meta(description="Longest time of a search, in seconds.")] = 30
    work_seconds: Annotated[
        Count, Meta(description="Computing time of one search after which it ends with adminLimitExceeded.")
    ] = 10

    @property
    def processes(self) -> int:
        """How many answer."""
        return self.workers or min(MOST_BY_ITSELF, len(os.sched_getaffinity(0)))
