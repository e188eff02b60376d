"""The settings of one Asterisk link."""

from typing import Annotated

import msgspec
from msgspec import Meta

from unisono.kernel.secrets import Secret, no_secret

Text = Annotated[str, Meta(max_length=250)]


class AsteriskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One Asterisk. Templates hold `{ext}` where the extension goes."""

    host: Annotated[str, Meta(min_length=1, max_length=250, description="Address of the Asterisk server.")]
    user: Annotated[str, Meta(min_length=1, max_length=80, description="Name of the section in manager.conf.")]
    password: Annotated[Secret, Meta(description="Its `secret`.")] = msgspec.field(default_factory=no_secret)
    port: Annotated[int, Meta(ge=1, le=65535, description="Port of the manager interface; 5039 is usual for TLS.")] = 5038
    tls: Annotated[bool, Meta(description="Encrypt the link (`tlsenable` in manager.conf).")] = False
    ca_file: Annotated[Text, Meta(description="Certificate authority of the server, if it is not a public one.")] = ""
    challenge: Annotated[bool, Meta(description="Sign in by MD5 challenge, so that the password is not sent.")] = True
    trunks: Annotated[
        tuple[str, ...],
        Meta(max_length=500, description="Names of endpoints that are trunks. Empty: recognised by themselves."),
    ] = ()
    technology: Annotated[Text, Meta(description="Channel technology of phones that are not known yet.")] = "PJSIP"
    context: Annotated[Text, Meta(description="Dial plan context in which our users dial.")] = "from-internal"
    originate_seconds: Annotated[int, Meta(ge=5, le=300, description="How long the own phone rings when dialling.")] = 30
    consultation: Annotated[
        str,
        Meta(pattern="^(atxfer|phone)$", description="How to consult: `atxfer` by Asterisk, `phone` by a second call."),
    ] = "atxfer"
    conference_extension: Annotated[
        Text, Meta(description="Extension that runs ConfBridge, for example 8{ext}. Empty: no conferences by click.")
    ] = ""
    parking_lot: Annotated[Text, Meta(description="Name of the parking lot; empty: the default one.")] = ""
    dnd_key: Annotated[Text, Meta(description="AstDB family/key of do-not-disturb.")] = "DND/{ext}"
    dnd_value: Annotated[Text, Meta(description="Its value when on.")] = "YES"
    dnd_state: Annotated[Text, Meta(description="Custom device state set with it; empty: none.")] = "Custom:DND{ext}"
    forward_key: Annotated[Text, Meta(description="AstDB family/key of forwarding always.")] = "CF/{ext}"
    forward_busy_key: Annotated[Text, Meta(description="AstDB family/key of forwarding on busy.")] = "CFB/{ext}"
    forward_no_answer_key: Annotated[Text, Meta(description="AstDB family/key of forwarding on no answer.")] = "CFU/{ext}"
    heartbeat_seconds: Annotated[float, Meta(ge=2, le=300, description="How often the link is tested.")] = 15.0
    resync_seconds: Annotated[float, Meta(ge=30, le=86400, description="How often all calls are read again.")] = 600.0
