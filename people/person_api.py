"""JSON routes of one's own profile."""

from litestar import Response, Router, get, patch
from litestar.params import JSONBody

from people.answers import READ, VERSIONED
from people.desk import AtDesk
from people.persons import change_profile, profile
from people.profile_schemas import ProfileOut, ProfilePatch


@get("/me", summary="My profile", responses=READ)
async def my_profile(desk: AtDesk) -> Response[ProfileOut]:
    """As this municipality knows me. The ETag is for If-Match."""
    return await desk.answer(profile)


@patch("/me", summary="Change my profile", responses=VERSIONED)
async def change_my_profile(desk: AtDesk, data: JSONBody[ProfilePatch]) -> Response[ProfileOut]:
    """Only what is given changes; null empties. The name is needed to book."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: change_profile(
            db, actor, data, languages=desk.tenant.languages, version=version, now=desk.now
        )
    )


router = Router(path="/api/{m:str}", tags=["me"], route_handlers=[my_profile, change_my_profile])
