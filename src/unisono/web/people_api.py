"""Routes about one's own account and about colleagues."""

from typing import Any

from litestar import Controller, Request, Response, delete, get, patch, post, put
from msgspec import UNSET

from unisono.calls.names import Names
from unisono.numbers.service import Locations
from unisono.people.model import Token as TokenValue
from unisono.people.service import People
from unisono.people.sign_in import Session as OpenSession
from unisono.permissions.api import level_of, name_of
from unisono.permissions.guard import Guard
from unisono.permissions.model import Scope, Viewer
from unisono.permissions.service import Granting
from unisono.web.auth import identity_of, session_cookie
from unisono.web.people_views import me, person
from unisono.web.problem import NotSignedIn
from unisono.web.shapes import (
    Grant,
    GrantInput,
    Me,
    MeInput,
    NewToken,
    Page,
    PasswordInput,
    Person,
    Session,
    SignInInput,
    Token,
    TokenInput,
)


class SessionController(Controller):
    """Signing in and out."""

    path = "/session"
    tags = ("account",)

    @post(operation_id="signIn", status_code=200)
    async def sign_in(
        self, data: SignInInput, request: Request[Any, Any, Any], people: People, names: Names
    ) -> Response[Session]:
        """Open a session; sets the cookie."""
        address = request.client.host if request.client else ""
        session = await people.sign_in.by_password(data.login, data.password, address)
        cookie = session_cookie(request.scope, session.secret, people.settings.session_days)
        return Response(_session(session, people, names), cookies=[cookie])

    @get(operation_id="getSession")
    async def current(
        self, viewer: Viewer, guard: Guard, request: Request[Any, Any, Any], people: People, names: Names
    ) -> Session:
        """The session at hand."""
        guard.signed_in(viewer)
        session = identity_of(request.scope).session
        if session is None:
            raise NotSignedIn("no-session", "A token has no session.")
        return _session(session, people, names)

    @delete(operation_id="signOut", status_code=204)
    async def sign_out(
        self, viewer: Viewer, guard: Guard, request: Request[Any, Any, Any], people: People
    ) -> Response[None]:
        """End the session at hand; takes the cookie back."""
        guard.signed_in(viewer)
        session = identity_of(request.scope).session
        if session is not None:
            await people.sign_in.close(session.secret)
        return Response(None, status_code=204, cookies=[session_cookie(request.scope, "", 0)])


class MeController(Controller):
    """One's own account."""

    path = "/me"
    tags = ("account",)

    @get(operation_id="getMe")
    async def get_me(self, viewer: Viewer, guard: Guard, people: People, names: Names) -> Me:
        """The own account."""
        guard.signed_in(viewer)
        return me(people.need_user(viewer.user_id), people, names)

    @patch(operation_id="changeMe")
    async def change(self, data: MeInput, viewer: Viewer, guard: Guard, people: People, names: Names) -> Me:
        """Change the own account; what is left out stays."""
        guard.own(viewer)
        await people.change_own(
            viewer.user_id,
            name=None if data.name is UNSET else data.name,
            locale=None if data.locale is UNSET else data.locale,
        )
        if data.favourites is not UNSET or data.settings is not UNSET:
            await people.set_preferences(
                viewer.user_id,
                None if data.favourites is UNSET else data.favourites,
                None if data.settings is UNSET else data.settings,
            )
        return me(people.need_user(viewer.user_id), people, names)

    @post("/password", operation_id="changePassword", status_code=204)
    async def password(
        self, data: PasswordInput, viewer: Viewer, guard: Guard, request: Request[Any, Any, Any], people: People
    ) -> None:
        """Change the own password; all other sessions end."""
        guard.own(viewer)
        session = identity_of(request.scope).session
        await people.change_password(viewer.user_id, data.old, data.new, session.secret if session else "")

    @get("/tokens", operation_id="listTokens")
    async def tokens(self, viewer: Viewer, guard: Guard, people: People) -> Page[Token]:
        """The own tokens."""
        guard.own(viewer)
        return Page([_token(token) for token in people.sign_in.tokens_of(viewer.user_id)])

    @post("/tokens", operation_id="createToken")
    async def new_token(self, data: TokenInput, viewer: Viewer, guard: Guard, people: People) -> NewToken:
        """Make a token; its secret is shown this once."""
        guard.own(viewer)
        if {Scope.ADMIN, Scope.EXPORT} & set(data.scopes):
            guard.admin(viewer)
        scopes = tuple(dict.fromkeys(scope.value for scope in data.scopes))
        token, secret = await people.sign_in.add_token(viewer.user_id, data.name, scopes, data.days)
        return NewToken(
            token.id, token.name, list(scopes), token.created, token.expires, token.last_used, secret
        )

    @delete("/tokens/{id:str}", operation_id="deleteToken")
    async def remove_token(self, id: str, viewer: Viewer, guard: Guard, people: People) -> None:
        """Take a token back."""
        guard.own(viewer)
        await people.sign_in.remove_token(viewer.user_id, id)

    @get("/grants", operation_id="listGrants")
    async def grants(self, viewer: Viewer, guard: Guard, people: People, granting: Granting) -> Page[Grant]:
        """What I let each colleague see and do, and which level I have over them."""
        guard.own(viewer)
        given = {id: name_of(level) for id, level in granting.given_by(viewer.user_id).items()}

        def grant(other: str) -> Grant:
            shared = granting.shared(viewer.user_id, other)
            return Grant(other, given.get(other), name_of(shared), name_of(guard.level(viewer, other)))

        return Page([grant(user.id) for user in people.users() if user.active and user.id != viewer.user_id])

    @put("/grants/{user_id:str}", operation_id="setGrant", status_code=204)
    async def grant(
        self, user_id: str, data: GrantInput, viewer: Viewer, guard: Guard, granting: Granting
    ) -> None:
        """Let a colleague see and do so much; null takes it back."""
        guard.own(viewer)
        level = None if data.level is None else level_of(data.level)
        await granting.grant(viewer.user_id, user_id, level)


class PeopleController(Controller):
    """Colleagues."""

    path = "/people"
    tags = ("people",)

    @get(operation_id="listPeople")
    async def list_people(
        self, viewer: Viewer, guard: Guard, people: People, locations: Locations
    ) -> Page[Person]:
        """Everybody with an active account, as the viewer may see them."""
        guard.signed_in(viewer)
        return Page(
            [
                person(user, people, locations, guard.rights(viewer, user.id))
                for user in people.users()
                if user.active
            ]
        )


def _session(session: OpenSession, people: People, names: Names) -> Session:
    return Session(me(session.user, people, names), session.csrf, session.expires)


def _token(token: TokenValue) -> Token:
    return Token(token.id, token.name, list(token.scopes), token.created, token.expires, token.last_used)
