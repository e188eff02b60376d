"""Routes of the admin pages "Phone directories": nodes, templates, users and profiles."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Meta

from unisono.directory.known import check_known, without
from unisono.directory.ldap.check import check_hides
from unisono.directory.ldap.model import (
    LdapUser,
    ListOrder,
    NameOrder,
    Node,
    Profile,
    Template,
    TemplateOrigin,
)
from unisono.directory.ldap.service import LdapService
from unisono.directory.ldap.termxml import MOST, read_termxml
from unisono.directory.service import Directory
from unisono.kernel.errors import Invalid
from unisono.kernel.expected import Expected, tag
from unisono.numbers import NumberFormat
from unisono.numbers.service import Locations
from unisono.people.service import People
from unisono.permissions.guard import Guard
from unisono.permissions.model import Viewer
from unisono.storage import latest

Text = Annotated[str, Meta(max_length=200)]
Texts = Annotated[list[Text], Meta(max_length=200)]


class LdapNode(msgspec.Struct, forbid_unknown_fields=True):
    """A root; `books` null: all. `number_format` is the name of a form, such as "plain" or "readable_short".

    `gone`: books that it names and that were removed: choose others; it is not taken, only told, nor is `etag`.
    """

    suffix: Annotated[str, Meta(max_length=1000)]
    id: str = ""
    name: Text = ""
    books: Texts | None = None
    phone_books: Texts = []
    number_format: Text = "plain"
    name_order: NameOrder = NameOrder.AS_IS
    order: ListOrder = ListOrder.AS_FOUND
    language: Annotated[str, Meta(max_length=35)] = ""
    location_id: Text = ""
    template_id: Text = ""
    networks: Texts = []
    anonymous: Texts = []
    size_limit: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    gone: Texts = []
    etag: Text = ""


class LdapRule(msgspec.Struct, forbid_unknown_fields=True):
    """A regular expression over asserted values."""

    search: Text
    replace: Text = ""
    attribute: Text = ""


class LdapTemplate(msgspec.Struct, forbid_unknown_fields=True):
    """How one kind of client asks.

    `left_out`: what could not be taken over from a file; `origin` and `etag` are not taken, only told.
    """

    name: Text
    id: str = ""
    comment: Annotated[str, Meta(max_length=2000)] = ""
    asks: Texts = []
    filter_attributes: dict[str, list[str]] = {}
    filter_values: list[LdapRule] = []
    query_attributes: dict[str, list[str]] = {}
    result_attributes: dict[str, str] = {}
    object_classes: Texts = []
    left_out: list[str] = []
    origin: TemplateOrigin = TemplateOrigin.OWN
    etag: Text = ""


class LdapUserInput(msgspec.Struct, forbid_unknown_fields=True):
    """A user of this door; an empty password leaves the stored one, and is never read back. `etag` is not taken, only told."""

    name: Text
    id: str = ""
    active: bool = True
    comment: Text = ""
    password: Annotated[str, Meta(max_length=1024)] = ""
    etag: Text = ""


class LdapProfile(msgspec.Struct, forbid_unknown_fields=True):
    """Who sees which books.

    `gone`: those of them that were removed: choose others; it is not taken, only told, nor is `etag`.
    """

    name: Text
    id: str = ""
    books: Texts = []
    users: Annotated[list[str], Meta(max_length=10_000)] = []
    people: Annotated[list[str], Meta(max_length=10_000)] = []
    groups: Texts = []
    directory_groups: Texts = []
    """Groups of Active Directory, by common name, account name or distinguished name."""
    everybody: bool = False
    gone: Texts = []
    etag: Text = ""


class LdapNodes(msgspec.Struct):
    """All nodes."""

    items: list[LdapNode]


class LdapTemplates(msgspec.Struct):
    """All templates, the ready ones too."""

    items: list[LdapTemplate]


class LdapUsers(msgspec.Struct):
    """All users."""

    items: list[LdapUserInput]


class LdapProfiles(msgspec.Struct):
    """All profiles."""

    items: list[LdapProfile]


class TermxmlForm(msgspec.Struct):
    """A vendor's device template."""

    file: UploadFile


class LdapController(Controller):
    """For admins."""

    path = "/admin/ldap"
    tags = ("administration",)

    @get("/nodes", operation_id="listLdapNodes")
    async def nodes(self, viewer: Viewer, guard: Guard, ldap: LdapService, directory: Directory) -> LdapNodes:
        """All nodes."""
        guard.admin(viewer)
        await latest(ldap.shared)
        books = await directory.book_ids()
        return LdapNodes([_node_view(node, books) for node in ldap.nodes()])

    @put("/nodes/{id:str}", operation_id="saveLdapNode", opt={"makes": True})
    async def save_node(
        self,
        id: str,
        data: LdapNode,
        viewer: Viewer,
        guard: Guard,
        ldap: LdapService,
        directory: Directory,
        locations: Locations,
        expected: Expected,
    ) -> LdapNode:
        """Add or change a node; it holds at once."""
        guard.admin(viewer)
        try:
            form = NumberFormat[data.number_format.upper()]
        except KeyError as error:
            message = "number_format: There is no such form; the forms are " + ", ".join(f.name.lower() for f in NumberFormat)
            raise Invalid("ldap-invalid", message, data={"field": "number_format", "problem": "choice"}) from error
        values = msgspec.to_builtins(data) | {"id": id, "number_format": form}
        del values["gone"], values["etag"]
        books = await directory.book_ids()

        def known(node: Node, before: Node | None) -> None:
            before = before or Node(id)
            check_known("books", node.books or (), books, before.books or ())
            check_known("phone_books", node.phone_books, books, before.phone_books)
            check_known("location_id", [node.location_id], locations.all(), [before.location_id])
            check_known("template_id", [node.template_id], {each.id for each in ldap.templates()}, [before.template_id])
            check_hides(node, [each for each in ldap.nodes() if each.id != id], before, books)

        return _node_view(await ldap.save(msgspec.convert(values, Node), expected=expected, known=known), books)

    @get("/templates", operation_id="listLdapTemplates")
    async def templates(self, viewer: Viewer, guard: Guard, ldap: LdapService) -> LdapTemplates:
        """All templates."""
        guard.admin(viewer)
        await latest(ldap.shared)
        return LdapTemplates([_template_view(template, ldap.origin(template.id)) for template in ldap.templates()])

    @put("/templates/{id:str}", operation_id="saveLdapTemplate", opt={"makes": True})
    async def save_template(
        self, id: str, data: LdapTemplate, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected
    ) -> LdapTemplate:
        """Add or change a template; nodes that use it answer so at once."""
        guard.admin(viewer)
        values = msgspec.to_builtins(data) | {"id": id}
        del values["left_out"], values["origin"], values["etag"]
        template = await ldap.save(msgspec.convert(values, Template), expected=expected)
        return _template_view(template, ldap.origin(id))

    @post("/templates/{id:str}/termxml", operation_id="importTermxml", request_max_body_size=MOST + 65_536, status_code=200)
    async def termxml(
        self,
        id: str,
        data: Annotated[TermxmlForm, Body(media_type=RequestEncodingType.MULTI_PART)],
        viewer: Viewer,
        guard: Guard,
        ldap: LdapService,
        expected: Expected,
    ) -> LdapTemplate:
        """Take a vendor's .termxml as a template, in the place of the one that has the id; `If-None-Match: *` makes one."""
        guard.admin(viewer)
        read = read_termxml(await data.file.read(), id)
        template = await ldap.save(read.template, expected=expected)
        return _template_view(template, ldap.origin(id), read.left_out)

    @get("/users", operation_id="listLdapUsers")
    async def users(self, viewer: Viewer, guard: Guard, ldap: LdapService) -> LdapUsers:
        """All users of the door."""
        guard.admin(viewer)
        await latest(ldap.shared)
        return LdapUsers([_user_view(user) for user in ldap.users()])

    @put("/users/{id:str}", operation_id="saveLdapUser", opt={"makes": True})
    async def save_user(
        self, id: str, data: LdapUserInput, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected
    ) -> LdapUserInput:
        """Add or change a user; a new password holds at once."""
        guard.admin(viewer)
        return _user_view(await ldap.save(LdapUser(id, data.name, data.active, data.comment), data.password, expected))

    @get("/profiles", operation_id="listLdapProfiles")
    async def profiles(self, viewer: Viewer, guard: Guard, ldap: LdapService, directory: Directory) -> LdapProfiles:
        """All profiles."""
        guard.admin(viewer)
        await latest(ldap.shared)
        books = await directory.book_ids()
        return LdapProfiles([_profile_view(profile, books) for profile in ldap.profiles()])

    @put("/profiles/{id:str}", operation_id="saveLdapProfile", opt={"makes": True})
    async def save_profile(
        self,
        id: str,
        data: LdapProfile,
        viewer: Viewer,
        guard: Guard,
        ldap: LdapService,
        directory: Directory,
        people: People,
        expected: Expected,
    ) -> LdapProfile:
        """Add or change a profile; it holds at once, at every door."""
        guard.admin(viewer)
        named = [name.strip() for name in data.directory_groups if name.strip()]
        values = msgspec.to_builtins(data) | {"id": id, "directory_groups": named}
        del values["gone"], values["etag"]
        books = await directory.book_ids()

        def known(profile: Profile, before: Profile | None) -> None:
            before = before or Profile(id, "")
            check_known("books", profile.books, books, before.books)
            check_known("users", profile.users, {user.id for user in ldap.users()}, before.users)
            check_known("people", profile.people, {user.id for user in people.users()}, before.people)
            check_known("groups", profile.groups, {group.id for group in people.groups()}, before.groups)

        return _profile_view(await ldap.save(msgspec.convert(values, Profile), expected=expected, known=known), books)

    @delete("/nodes/{id:str}", operation_id="deleteLdapNode", status_code=204)
    async def remove_node(self, id: str, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected) -> None:
        """Remove a node; it holds no more at once."""
        guard.admin(viewer)
        await ldap.remove("node", id, expected)

    @delete("/templates/{id:str}", operation_id="deleteLdapTemplate", status_code=204)
    async def remove_template(self, id: str, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected) -> None:
        """Remove a template; it holds no more at once."""
        guard.admin(viewer)
        await ldap.remove("template", id, expected)

    @delete("/users/{id:str}", operation_id="deleteLdapUser", status_code=204)
    async def remove_user(self, id: str, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected) -> None:
        """Remove a user; it holds no more at once."""
        guard.admin(viewer)
        await ldap.remove("user", id, expected)

    @delete("/profiles/{id:str}", operation_id="deleteLdapProfile", status_code=204)
    async def remove_profile(self, id: str, viewer: Viewer, guard: Guard, ldap: LdapService, expected: Expected) -> None:
        """Remove a profile that nobody has any more."""
        guard.admin(viewer)
        await ldap.remove("profile", id, expected)


def _node_view(node: Node, books: frozenset[str]) -> LdapNode:
    gone = without((*(node.books or ()), *node.phone_books), books)
    values = msgspec.to_builtins(node) | {
        "number_format": node.number_format.name.lower(),
        "gone": gone,
        "etag": tag(node),
    }
    return msgspec.convert(values, LdapNode)


def _profile_view(profile: Profile, books: frozenset[str]) -> LdapProfile:
    told = {"gone": without(profile.books, books), "etag": tag(profile)}
    return msgspec.convert(msgspec.to_builtins(profile) | told, LdapProfile)


def _user_view(user: LdapUser) -> LdapUserInput:
    return LdapUserInput(user.name, user.id, user.active, user.comment, etag=tag(user))


def _template_view(template: Template, origin: TemplateOrigin, left_out: tuple[str, ...] = ()) -> LdapTemplate:
    told = {"left_out": left_out, "origin": origin, "etag": tag(template)}
    return msgspec.convert(msgspec.to_builtins(template) | told, LdapTemplate)


CONTROLLERS = (LdapController,)
