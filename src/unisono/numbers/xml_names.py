"""Which name in a vendor's file is which field. Keys are lower case and without type letters (`key_of`)."""

import re
from collections.abc import Callable

from unisono.numbers.location import ConnectedId, DialFormat, HomePna

_TYPE_LETTERS = re.compile(r"^(?:u8slist|u8s|seq|b(?=[A-Z])|i(?=[A-Z]))")


def key_of(name: object) -> str:
    """`u8sCountryCode`, `{space}CountryCode` and `countrycode` are one name."""
    local = str(name).rpartition("}")[2]
    return _TYPE_LETTERS.sub("", local).lower().replace("_", "").replace("-", "")


TEXTS = {
    "citycode": "area_code",
    "citycodenoprefix": "area_code",
    "localprefix": "local_prefix",
    "nationalprefix": "national_prefix",
    "internationalprefix": "international_prefix",
    "localdialingrule": "local_dialling_rule",
    "nationaldialingrule": "national_dialling_rule",
    "internationaldialingrule": "international_dialling_rule",
    "localdialingrulehomepnalocal": "home_pna_local_rule",
    "localdialingrulehomepnatoll": "home_pna_toll_rule",
    "localdialingruleforeignpnalocal": "foreign_pna_local_rule",
    "tkanschlussnr": "trunk",
    "tklocalaccesscode": "outside_local",
    "tklongdistanceaccesscode": "outside_national",
    "tkinternationalaccesscode": "outside_international",
    "tkprivateaccesscode": "outside_private",
    "tkforwardingaccesscode": "outside_forwarding",
    "language": "language",
}
FLAGS = {
    "nolocaldialing": "always_dial_area_code",
    "usevanity": "vanity",
    "mobiledevicelocation": "mobile",
    "showextendedsettings": "extended_view",
    "usetksystem": "uses_pbx",
    "multilocationsupport": "multi_location",
    "autocreateotherlocationrules": "auto_create_rules",
    "allownumbersearchotherlocations": "search_other_sites",
    "shortenotherlocationscnumbersfordialing": "shorten_other_sites",
    "localdialingruleforeignpnaflag": "foreign_pna",
    "useadvancedlcr": "lcr",
    "rulessoftphoneemergencyenabled": "softphone_emergency",
    "rulessoftphoneemergencyclientwarningenabled": "softphone_emergency_warning",
}
NUMBERS: dict[str, tuple[str, Callable[[int], object]]] = {
    "tkminleninternalnumbers": ("internal_min", int),
    "tkmaxleninternalnumbers": ("internal_max", int),
    "dialingnumberformat": ("dial_format", DialFormat),
    "localdialingrulehomepnaflag": ("home_pna", HomePna),
    "connectediddealing": ("connected_id", lambda value: (ConnectedId.NORMAL, ConnectedId.IGNORE)[value]),
}
LISTS = {
    "vanitynumbers": "vanity_prefixes",
    "tkakzlistremovein": "strip_incoming",
    "tkakzlistremoveout": "strip_outgoing",
    "tkakzlistremoveforwarding": "strip_forwarding",
    "tkakzlistremoveconnectedidin": "strip_connected_in",
    "tkakzlistremoveconnectedidout": "strip_connected_out",
    "localdialingruleshomepnalocalcalls": "home_pna_local",
    "localdialingruleshomepnatollcalls": "home_pna_toll",
}
RULE_LISTS = {
    "internalrules": "internal_rules",
    "numberformatinternal": "internal_rules",
    "externalrules": "external_rules",
    "numberformatexternal": "external_rules",
    "inrules": "in_rules",
    "numberformatregexpresslistin": "in_rules",
    "outrules": "out_rules",
    "numberformatregexpresslistout": "out_rules",
    "dialrules": "dial_rules",
    "numberformatregexpresslistdial": "dial_rules",
    "finaldialrules": "final_dial_rules",
    "numberformatregexpresslistfinaldial": "final_dial_rules",
    "linephonenumbers": "line_rules",
    "linephonenumberrules": "line_rules",
    "numberformatregexpresslinephonenumbers": "line_rules",
}
IGNORED = frozenset(
    {"locationid", "locationchecksum", "id", "guid", "numberformatautomaticotherlocationsddiToSC".lower()}
    | {"numberformatautomaticotherlocationssctoddi", "isreadonlyfromfile"}
)
"""Known and left out on purpose: identities, and the rules a server generates afresh."""
