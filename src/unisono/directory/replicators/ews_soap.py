"""What is said to an Exchange server and what it answers: SOAP of Exchange Web Services, for folders and items. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from unisono.directory.model import Field

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
_VERSION = "Exchange2010_SP2"
_MOST_CHANGES = 512
"""More than so many Exchange does not give at once."""
_PHONES = {
    "BusinessPhone": Field.PHONE_BUSINESS,
    "BusinessPhone2": Field.PHONE_BUSINESS_2,
    "CompanyMainPhone": Field.PHONE_COMPANY_MAIN,
    "AssistantPhone": Field.PHONE_ASSISTANT,
    "MobilePhone": Field.PHONE_MOBILE,
    "HomePhone": Field.PHONE_HOME,
    "HomePhone2": Field.PHONE_HOME_2,
    "PrimaryPhone": Field.PHONE_PRIMARY,
    "CarPhone": Field.PHONE_CAR,
    "RadioPhone": Field.PHONE_RADIO,
    "Pager": Field.PHONE_PAGER,
    "OtherTelephone": Field.PHONE_OTHER,
    "Callback": Field.PHONE_CALLBACK,
    "Isdn": Field.PHONE_ISDN,
    "TtyTddPhone": Field.PHONE_TTY_TDD,
    "BusinessFax": Field.FAX_BUSINESS,
    "HomeFax": Field.FAX_HOME,
}
_PARTS = {"Street": "street", "PostalCode": "postal_code", "City": "city", "State": "state", "CountryOrRegion": "country"}
FIELDS: Mapping[str, Field] = {
    "DisplayName": Field.DISPLAY_NAME,
    "GivenName": Field.FIRST_NAME,
    "Surname": Field.LAST_NAME,
    "CompanyName": Field.COMPANY,
    "Department": Field.DEPARTMENT,
    "JobTitle": Field.JOB_TITLE,
    "OfficeLocation": Field.OFFICE_ROOM_NUMBER,
    **{f"PhoneNumbers.{name}": field for name, field in _PHONES.items()},
    **{f"EmailAddresses.EmailAddress{n}": f for n, f in enumerate((Field.EMAIL, Field.EMAIL_2, Field.EMAIL_3), 1)},
    **{
        f"PhysicalAddresses.{theirs}.{part}": Field(f"{ours}_{name}")
        for theirs, ours in (("Business", "business"), ("Home", "private"), ("Other", "other"))
        for part, name in _PARTS.items()
    },
    "BusinessHomePage": Field.WEB,
    "Body": Field.NOTE,
    "Private": Field.PRIVATE_CONTACT,
}
"""What the columns mean."""
_PLAIN = frozenset({
    "DisplayName", "GivenName", "Surname", "MiddleName", "Nickname", "CompanyName", "Department", "JobTitle", "OfficeLocation",
    "BusinessHomePage", "Body", "FileAs", "Manager", "AssistantName", "Profession",
})  # fmt: skip


def columns(contact: Any) -> dict[str, Any]:
    """What a contact says, by columns."""
    found: dict[str, Any] = {}
    for each in contact:
        name = each.tag.removeprefix(T)
        if name in _PLAIN:
            found[name] = (each.text or "").strip()
        elif name in ("PhoneNumbers", "EmailAddresses", "ImAddresses"):
            found.update({f"{name}.{entry.get('Key')}": (entry.text or "").strip() for entry in each.iterfind(f"{T}Entry")})
        elif name == "PhysicalAddresses":
            for entry in each.iterfind(f"{T}Entry"):
                for part in entry:
                    found[f"{name}.{entry.get('Key')}.{part.tag.removeprefix(T)}"] = (part.text or "").strip()
        elif name == "Categories":
            found[name] = tuple(text for text in each.itertext() if text.strip())
        elif name == "Sensitivity" and each.text in ("Private", "Confidential"):
            found["Private"] = "yes"
    return {name: value for name, value in found.items() if value}


def id_of(change: Any) -> str:
    """The id of the item that a change is about."""
    for item in change:
        own = item if item.tag == f"{T}ItemId" else item.find(f"{T}ItemId")
        if own is not None:
            return str(own.get("Id", ""))
    return ""


def trouble(root: Any) -> tuple[str, str]:
    """The code and the words of an error; ("", "") if there is none. That single items are gone is none."""
    fault = root.find(f"{SOAP}Body/{SOAP}Fault")
    if fault is not None:
        code = fault.findtext(".//{http://schemas.microsoft.com/exchange/services/2006/errors}ResponseCode", "")
        return code or fault.findtext("faultcode", "") or "Fault", fault.findtext("faultstring", "")
    for message in root.iterfind(f"{SOAP}Body/*/{M}ResponseMessages/*"):
        code = message.findtext(f"{M}ResponseCode", "")
        if message.get("ResponseClass") == "Error" and code != "ErrorItemNotFound":
            return code, message.findtext(f"{M}MessageText", "")
    return "", ""


def envelope(body: str, impersonated: str) -> bytes:
    who = (
        f"<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{_escaped(impersonated)}</t:PrimarySmtpAddress>"
        "</t:ConnectingSID></t:ExchangeImpersonation>"
        if impersonated
        else ""
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP[1:-1]}" xmlns:m="{M[1:-1]}" xmlns:t="{T[1:-1]}">'
        f'<s:Header><t:RequestServerVersion Version="{_VERSION}"/>{who}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def folder_id(folder: str, mailbox: str) -> str:
    if folder:
        return f'<t:FolderId Id="{_escaped(folder)}"/>'
    owner = f"<t:Mailbox><t:EmailAddress>{_escaped(mailbox)}</t:EmailAddress></t:Mailbox>" if mailbox else ""
    return f'<t:DistinguishedFolderId Id="contacts">{owner}</t:DistinguishedFolderId>'


def find_folders(below: str) -> str:
    return (
        '<m:FindFolder Traversal="Deep"><m:FolderShape><t:BaseShape>Default</t:BaseShape><t:AdditionalProperties>'
        '<t:FieldURI FieldURI="folder:FolderClass"/></t:AdditionalProperties></m:FolderShape>'
        f"<m:ParentFolderIds>{below}</m:ParentFolderIds></m:FindFolder>"
    )


def sync_items(folder: str, state: str) -> str:
    since = f"<m:SyncState>{_escaped(state)}</m:SyncState>" if state else ""
    return (
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>"
        f"<m:SyncFolderId>{folder}</m:SyncFolderId>{since}<m:MaxChangesReturned>{_MOST_CHANGES}</m:MaxChangesReturned>"
        "</m:SyncFolderItems>"
    )


def get_items(ids: Sequence[str]) -> str:
    named = "".join(f'<t:ItemId Id="{_escaped(id)}"/>' for id in ids)
    shape = "<t:BaseShape>AllProperties</t:BaseShape><t:BodyType>Text</t:BodyType>"
    return f"<m:GetItem><m:ItemShape>{shape}</m:ItemShape><m:ItemIds>{named}</m:ItemIds></m:GetItem>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


