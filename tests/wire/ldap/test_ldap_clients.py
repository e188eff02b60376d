"""Bytes that clients sent: OpenLDAP's tools (2.5.13), and Windows, which writes each length of a sequence in four octets."""

import pytest

from unisono.wire.ldap import Control, Request, encode_request, parse_filter, parse_request
from unisono.wire.ldap.control import (
    ByAssertion,
    ByOffset,
    ManageDsaIt,
    PagedResults,
    ProxiedAuthorization,
    SortKey,
    SortRequest,
    Subentries,
    VlvRequest,
)
from unisono.wire.ldap.message import (
    BindRequest,
    CompareRequest,
    Deref,
    ExtendedName,
    ExtendedRequest,
    Scope,
    SearchRequest,
    Simple,
    UnbindRequest,
    Write,
    WriteRequest,
)


def search(text: str, *attributes: str, **changed: object) -> SearchRequest:
    usual: dict[str, object] = {
        "scope": Scope.SUBTREE,
        "deref": Deref.NEVER,
        "size_limit": 0,
        "time_limit": 0,
        "types_only": False,
    }
    return SearchRequest(base="dc=meta", filter=parse_filter(text), attributes=attributes, **{**usual, **changed})  # type: ignore[arg-type]


SENT: list[tuple[str, Request, tuple[Control, ...], str]] = [
    (
        "ldapsearch -x -D cn=phone,dc=meta -w secret",
        BindRequest(3, "cn=phone,dc=meta", Simple(b"secret")),
        (),
        "3022020101601d0201030410636e3d70686f6e652c64633d6d6574618006736563726574",
    ),
    ("ldapsearch -x -P 2", BindRequest(2, "", Simple(b"")), (), "300c020101600702010204008000"),
    ("unbind", UnbindRequest(), (), "30050201034200"),
    (
        "ldapsearch -b dc=meta -E pr=50/noprompt -l 5 -z 50",
        search(
            "(|(cn=ro*)(sn=*ss*i)(!(mail>=m))(o~=alfa)(cn:caseExactMatch:=x))",
            "cn",
            "telephoneNumber",
            size_limit=50,
            time_limit=5,
        ),
        (Control(PagedResults(50)),),
        "3081a7020102637d040764633d6d6574610a01020a0100020132020105010100a14ca40a0402636e30048002726fa40d0402736e3007810273"
        "73820169a20ba50904046d61696c04016da80904016f0404616c6661a917810e6361736545786163744d617463688202636e83017830150402"
        "636e040f74656c6570686f6e654e756d626572a02330210416312e322e3834302e3131333535362e312e342e333139040730050201320400",
    ),
    (
        "ldapsearch -b dc=meta -E '!sss=sn:caseIgnoreOrderingMatch/-givenName' -E '!vlv=2/3/1/100'",
        search("(objectClass=*)"),
        (
            Control(SortRequest((SortKey("sn", "caseIgnoreOrderingMatch"), SortKey("givenName", reverse=True))), critical=True),
            Control(VlvRequest(2, 3, ByOffset(1, 100)), critical=True),
        ),
        "3081af0201026327040764633d6d6574610a01020a0100020100020100010100870b6f626a656374436c6173733000a08180304e0416312e32"
        "2e3834302e3131333535362e312e342e3437330101ff0431302f301d0402736e80176361736549676e6f72654f72646572696e674d61746368"
        "300e0409676976656e4e616d658101ff302e0417322e31362e3834302e312e3131333733302e332e342e390101ff0410300e020102020103"
        "a006020101020164",
    ),
    (
        "ldapsearch -b dc=meta -E sss=sn -E vlv=0/9:ro -M -a always -A '(sn:dn:2.5.13.5:=Rossi)' 1.1",
        search("(sn:dn:2.5.13.5:=Rossi)", "1.1", deref=Deref.ALWAYS, types_only=True),
        (
            Control(ManageDsaIt()),
            Control(SortRequest((SortKey("sn"),))),
            Control(VlvRequest(0, 9, ByAssertion(b"ro"))),
        ),
        "3081a80201026339040764633d6d6574610a01020a01030201000201000101ffa9188108322e352e31332e358202736e8305526f7373698401"
        "ff30050403312e31a06830190417322e31362e3834302e312e3131333733302e332e342e3230220416312e322e3834302e3131333535362e31"
        "2e342e3437330408300630040402736e30270417322e31362e3834302e312e3131333733302e332e342e39040c300a02010002010981 02726f",
    ),
    (
        "ldapsearch -b dc=meta -s children -E subentries=true -e '!authzid=u:anna' '(&)'",
        search("(&)", scope=Scope.CHILDREN),
        (Control(ProxiedAuthorization("u:anna"), critical=True), Control(Subentries(visible=True))),
        "306a020102631c040764633d6d6574610a01030a0100020100020100010100a0003000a04730250418322e31362e3834302e312e3131333733"
        "302e332e342e31380101ff0406753a616e6e61301e0417312e332e362e312e342e312e343230332e312e31302e3104030101ff",
    ),
    (
        "ldapcompare cn=Anna,dc=meta sn:Rossi",
        CompareRequest("cn=Anna,dc=meta", "sn", b"Rossi"),
        (),
        "30230201026e1e040f636e3d416e6e612c64633d6d657461300b0402736e0405526f737369",
    ),
    (
        "ldapwhoami",
        ExtendedRequest(ExtendedName.WHO_AM_I),
        (),
        "301e02010277198017312e332e362e312e342e312e343230332e312e31312e33",
    ),
    (
        "ldapexop cancel 7",
        ExtendedRequest(ExtendedName.CANCEL, b"\x30\x03\x02\x01\x07"),
        (),
        "30190201027714800b312e332e362e312e312e3881053003020107",
    ),
    (
        "ldapdelete cn=Anna,dc=meta",
        WriteRequest(Write.DELETE, "cn=Anna,dc=meta"),
        (),
        "30140201024a0f636e3d416e6e612c64633d6d657461",
    ),
    (
        "ldapmodrdn cn=Anna,dc=meta cn=Berta",
        WriteRequest(Write.MODIFY_DN, "cn=Anna,dc=meta", b"\x04\x08cn=Berta\x01\x01\x00"),
        (),
        "30230201026c1e040f636e3d416e6e612c64633d6d6574610408636e3d4265727461010100",
    ),
    (
        "ldapadd",
        WriteRequest(
            Write.ADD,
            "cn=x,dc=meta",
            bytes.fromhex("30243017040b6f626a656374436c61737331080406706572736f6e30090402736e3103040178"),
        ),
        (),
        "30390201026834040c636e3d782c64633d6d65746130243017040b6f626a656374436c61737331080406706572736f6e30090402736e310304"
        "0178",
    ),
    (
        "ldapmodify",
        WriteRequest(Write.MODIFY, "cn=x,dc=meta", bytes.fromhex("3010300e0a010230090402736e3103040179")),
        (),
        "30250201026620040c636e3d782c64633d6d6574613010300e0a010230090402736e3103040179",
    ),
]


@pytest.mark.parametrize(("request_", "controls", "data"), [case[1:] for case in SENT], ids=[case[0] for case in SENT])
def test_what_a_client_sent(request_: Request, controls: tuple[Control, ...], data: str) -> None:
    pdu = bytes.fromhex(data)
    message_id, *found = parse_request(pdu)
    assert found == [request_, controls]
    assert encode_request(message_id, request_, controls) == pdu


def test_windows_asks_for_the_root() -> None:
    pdu = bytes.fromhex(
        "30840000002d02010163840000002404000a01000a0100020100020100010100870b6f626a656374636c617373308400000000"
    )
    expected = SearchRequest("", Scope.BASE, Deref.NEVER, 0, 0, False, parse_filter("(objectclass=*)"))
    assert parse_request(pdu) == (1, expected, ())
