"""The settings of one CSTA link."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.kernel.secrets import Secret, no_secret
from unisono.net import Endpoint


class Dialect(StrEnum):
    """Whose form of sign-in and device identifiers."""

    STANDARD = "standard"
    AVAYA = "avaya"


class EditionWish(StrEnum):
    """Which edition of ECMA-323 to ask for."""

    AUTO = "auto"
    ED2 = "ed2"
    ED3 = "ed3"
    ED4 = "ed4"
    ED5 = "ed5"
    ED6 = "ed6"


class CstaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to reach a PBX by CSTA III XML over TCP."""

    host: Annotated[str, Meta(min_length=1, max_length=253, description="Name or address of the PBX's CSTA service.")]
    port: Annotated[
        int, Meta(ge=1, le=65535, description="Its port: 8800 OpenScape Business, 4721 (TLS 4722) Avaya AES, 1040 others.")
    ] = 8800
    tls: Annotated[bool, Meta(description="Encrypt the link and check the PBX's certificate.")] = False
    ca_file: Annotated[
        str, Meta(description="File with the authority that signed the PBX's certificate, if it is none of the system's.")
    ] = ""
    user: Annotated[str, Meta(max_length=200, description="User name of the CTI account; empty: no sign-in.")] = ""
    password: Annotated[Secret, Meta(description="Password of the CTI account.")] = msgspec.field(
        default_factory=no_secret
    )
    edition: Annotated[
        EditionWish, Meta(description='Edition of the protocol; "auto" offers all and takes what the PBX chooses.')
    ] = EditionWish.AUTO
    dialect: Annotated[
        Dialect, Meta(description='"avaya" for Avaya AES (DMCC), else "standard".')
    ] = Dialect.STANDARD
    switch_name: Annotated[str, Meta(description="Avaya only: name of the switch connection on the AES.")] = ""
    application: Annotated[
        str, Meta(min_length=1, max_length=64, description="The name under which Unisono signs in.")
    ] = "Unisono"
    session_seconds: Annotated[
        int, Meta(ge=10, le=86400, description="Length of a session; it is renewed after half of it.")
    ] = 180
    silence_seconds: Annotated[
        int, Meta(ge=2, le=3600, description="Ask the PBX whether it is still there after so many silent seconds.")
    ] = 30
    answer_seconds: Annotated[
        int, Meta(ge=1, le=120, description="How long the PBX may take to answer a request.")
    ] = 10
    requests_at_once: Annotated[
        int, Meta(ge=1, le=200, description="Requests sent without waiting for each answer while lines are being set up.")
    ] = 10

    @property
    def endpoint(self) -> Endpoint:
        """Where the PBX listens."""
        return Endpoint(self.host, self.port, self.tls, self.ca_file)
