"""Who may do what: every route of the program, and the roles that it answers. All others get what `others` says.

A new route gets a line here; the test that misses it writes the line to paste. Read it before you paste it: it tells
what the program does, not what it should. What a line means stands in tests/web/entitled.py.
"""

from msgspec.structs import replace

from tests.web.entitled import ALL_STAFF, ANYBODY, SIGNED_IN, SIGNED_IN_WRITES, Only, Right

UNKNOWN = replace(ANYBODY, held=404)
"""Anybody who knows a secret; the town's ids are none."""
MANAGERS = "administrator facility_manager"
OFFICERS = "administrator facility_manager case_officer"
READ_PERSONS = Only(f"{OFFICERS} finance", "reading")
READ_BOOKING = Only(ALL_STAFF, "leader booker treasurer reading", at="resource", others=404)
CHANGE_BOOKING = Only(OFFICERS, "leader booker", at="resource", others=404, sees=f"treasurer {ALL_STAFF}")
ASSOCIATIONS = "administrator case_officer"
READ_ASSOCIATIONS = Only(ASSOCIATIONS, "reading")
LEAD = Only(ASSOCIATIONS, "leader")
LEAD_INSIDE = Only(ASSOCIATIONS, "leader", others=404, sees="booker treasurer")
"""The same, of things that only its delegates know of."""
AT_BROWSER = Only(ALL_STAFF, "citizen leader booker treasurer weak", at="anywhere")
"""Everybody who has signed in, herself and not by a program."""
OF_HOLDER = Only("", "leader booker herself", at="resource", others=404, sees=f"treasurer {ALL_STAFF}")
"""Who has it decides alone; staff of the place and the treasurer see it."""


<<<<<<< HEAD
def expected(right: Right, part: Part) -> int | None:
    """The status that the part gets; None: she may."""
    if part is NOBODY:
        return right.nobody
    if part.name in right.odd:
        return right.odd[part.name]
    if part.name in right.also:
        return None
    if part in {READING, PERSONAL, WEAK}:
        return _lessened(right, part)
    if part is HERSELF and "administrator" in right.staff:
        return None
    if part.staff is not None:
        role, scope = part.staff
        if _reaches(right.staff, role, scope):
            return None
        if right.out_of_reach is not None and role in right.staff:
            return right.out_of_reach
        return 403 if _reaches(right.sees, role, scope) else right.others
    return 403 if part.name in right.sees else right.others


def _lessened(right: Right, part: Part) -> int | None:
    """An administrator with less than her rights: a citizen, who is asked to sign in more surely where that helps."""
    if part is READING:
        return 403
    if part is WEAK and "administrator" in right.staff and right.others == 403:
        return 401
    return right.others


def _reaches(allowed: Mapping[str, str], role: str, scope: str) -> bool:
    if role not in allowed:
        return False
    return HELD_BY.get(scope, HELD_BY["anywhere"]) <= HELD_BY[allowed[role]]


def passes(right: Right, status: int) -> bool:
    """Whether an answer with this status says: you may."""
    return status == right.held if right.held is not None else status < 400


def key_of(route: Route) -> str:
    """As it stands in the table: `GET /api/{m}/facilities/{facility_id}`."""
    return re.sub(r":(str|uuid|path)}", "}", str(route))


def suggestion(name: str, told: Mapping[str, int]) -> str:
    """The line that says what was told: part → status. With a warning where no line can."""
    may = {part for part, status in told.items() if status < 400}
    held = None
    if not may and told["herself"] not in {401, 403, 404}:
        held = told["herself"]
        may = {part for part, status in told.items() if status == held}
    if len(may) == len(told):
        return f'    "{name}": ANYBODY,' if held is None else f'    "{name}": replace(ANYBODY, held={held}),'
    words: dict[str, Any] = {
        "staff": _narrowed(may),
        "also": " ".join(part for part in (*PERSONS, "reading", "personal", "weak") if part in may),
        "others": told["citizen"] if told["citizen"] in {403, 404} else 403,
        "nobody": None if "nobody" in may else told["nobody"],
        "held": held,
    }
    if not words["staff"] and "herself" in may:
        words["also"] = f"{words['also']} herself".strip()
    if words["others"] == 404:
        denied = {part for part, status in told.items() if status == 403}
        words["sees"] = " ".join([part for part in PERSONS if part in denied] + [_narrowed(denied)]).strip()
    out = {told[f"{role}@elsewhere"] for role in STAFF_ROLES if role in may} - {
        words["others"],
        200,
        201,
        204,
        303,
    }
    if len(out) == 1:
        words["out_of_reach"] = out.pop()
    right = Only(**words)
    for known, text in (
        (ANYBODY, "ANYBODY"),
        (SIGNED_IN, "SIGNED_IN"),
        (SIGNED_IN_WRITES, "SIGNED_IN_WRITES"),
    ):
        if all(expected(known, part) == expected(right, part) for part in PARTS) and held is None:
            return f'    "{name}": {text},'
    wrong = [part.name for part in PARTS if _differs(right, part, told[part.name])]
    defaults = {
        "staff": "",
        "also": "",
        "others": 403,
        "nobody": 401,
        "held": None,
        "sees": "",
        "out_of_reach": None,
    }
    shown = ", ".join(f"{key}={value!r}" for key, value in words.items() if value != defaults[key])
    warning = f"  # but {', '.join(f'{part} {told[part]}' for part in wrong)}" if wrong else ""
    return f'    "{name}": Only({shown}),{warning}'.replace("'", '"')


def _differs(right: Right, part: Part, status: int) -> bool:
    wanted = expected(right, part)
    return not passes(right, status) if wanted is None else wanted != status


def _narrowed(may: set[str]) -> str:
    """Staff roles that may, each with the narrowest grant that does."""
    found: list[str] = []
    for role in STAFF_ROLES:
        scopes = [
            scope for scope in SCOPES if (role if scope == "municipality" else f"{role}@{scope}") in may
        ]
        if scopes:
            narrowest = "anywhere" if scopes[-1] == "elsewhere" else scopes[-1]
            found.append(role if narrowest == "municipality" else f"{role}@{narrowest}")
    return " ".join(found)


Form = Callable[[Town], dict[str, str]]


def _versioned(**fields: str) -> Form:
    return lambda _: {"version": "1", **fields}


TIMES = {"on": str(DAY), "from_time": "10:00", "to_time": "11:00"}
assert ASKED.length.total_seconds() == 3600, "as TIMES says"
FORMS: dict[str, Form] = {
    "POST /{m}/sign-in": lambda _: {"persona": "citizen"},
    "POST /{m}/me": _versioned(name="Kari", email="", phone="", postcode="", language="nb"),
    "POST /{m}/me/tokens": lambda _: {"label": "Nettsiden", "days": "30"},
    "POST /{m}/me/erasure": lambda _: {"confirm": "yes"},
    "POST /{m}/staff/people/{person_id}/roles": lambda town: {
        "role": "caretaker",
        "place": f"facility:{town.ids['facility']}",
    },
    "POST /{m}/staff/people/{person_id}/group": _versioned(customer_group="internal"),
    "POST /{m}/staff/roles": lambda town: {
        "email": "ny@example.org",
        "role": "caretaker",
        "place": f"resource:{town.ids['resource']}",
    },
    "POST /{m}/resources/{resource_id}/book": lambda _: {
        **TIMES,
        "title": "Trening",
        "quantity": "1",
        "if_refused": "fail",
        "action": "book",
    },
    "POST /{m}/associations/new": lambda _: {"name": "Ny klubb"},
    "POST /{m}/associations/{association_id}/edit": _versioned(name="Nytt navn"),
    "POST /{m}/associations/{association_id}/people": lambda _: {"email": "per@example.no", "role": "booker"},
    "POST /{m}/delegates/{delegate_id}": lambda _: {"role": "leader"},
    "POST /{m}/associations/{association_id}/teams/new": lambda _: {"name": "Gutter 12"},
    "POST /{m}/teams/{team_id}": lambda _: {"name": "Gutter 13"},
    "POST /{m}/associations/{association_id}/contacts/new": lambda _: {"title": "Kasserer", "name": "Per"},
    "POST /{m}/contacts/{contact_id}": lambda _: {"title": "Leder", "name": "Per"},
    "POST /{m}/associations/{association_id}/lead": lambda _: {"text": "Se årsmøtet."},
    "POST /{m}/staff/leader-claims/{claim_id}": lambda _: {"decision": "approve", "reason": ""},
    "POST /{m}/bookings/{booking_id}/cancel": _versioned(reason="Syk"),
    "POST /{m}/bookings/{booking_id}/move": _versioned(**TIMES),
    "POST /{m}/requests/{application_id}": lambda town: {
        "version": "1",
        "reason": "",
        f"decision-{town.ids['booking']}": "approve",
    },
}
"""Pages whose form must be filled in → how, so that whoever may is answered with success."""

=======
>>>>>>> staff
RIGHTS: dict[str, Right] = {
    # Above all municipalities
    "GET /": ANYBODY,
    "GET /search": ANYBODY,
    "GET /accessibility": ANYBODY,
    "GET /health/live": ANYBODY,
    "GET /health/ready": ANYBODY,
    "GET /api/municipalities": ANYBODY,
    "GET /api/search": ANYBODY,
    # Signing in, and what everybody reads
    "GET /{m}": ANYBODY,
    "GET /{m}/search": ANYBODY,
    "GET /{m}/accessibility": ANYBODY,
    "GET /{m}/theme.css": ANYBODY,
    "GET /{m}/sign-in": ANYBODY,
    "POST /{m}/sign-in": UNKNOWN,  # the figures of the demo do not live here
    "POST /{m}/sign-out": ANYBODY,
    "GET /{m}/letters": ANYBODY,  # in the demo alone
    "GET /{m}/invitations/{secret}": UNKNOWN,
    "POST /{m}/invitations/{secret}": UNKNOWN,
    # Places
    "GET /{m}/facilities/{facility_id}": ANYBODY,
    "GET /{m}/resources/{resource_id}": ANYBODY,
    "GET /api/{m}/vocabulary": ANYBODY,
    "GET /api/{m}/facilities": ANYBODY,
    "GET /api/{m}/facilities/{facility_id}": ANYBODY,
    "GET /api/{m}/facilities/{facility_id}/opening": ANYBODY,
    "GET /api/{m}/resources": ANYBODY,
    "GET /api/{m}/resources/{resource_id}": ANYBODY,
    "GET /api/{m}/resources/{resource_id}/opening": ANYBODY,
    "GET /api/{m}/extra-openings": ANYBODY,
    "GET /api/{m}/school-holidays": ANYBODY,
    "GET /api/{m}/limits": ANYBODY,
    "POST /api/{m}/facilities": Only(MANAGERS),
    "PATCH /api/{m}/facilities/{facility_id}": Only(MANAGERS, at="facility"),
    "PUT /api/{m}/facilities/{facility_id}/opening": Only(MANAGERS, at="facility"),
    "POST /api/{m}/facilities/{facility_id}/units": Only(MANAGERS, at="facility"),
    "PATCH /api/{m}/units/{unit_id}": Only(MANAGERS, at="facility"),
    "POST /api/{m}/resources": Only(MANAGERS, at="facility"),
    "PATCH /api/{m}/resources/{resource_id}": Only(MANAGERS, at="resource"),
    "PUT /api/{m}/resources/{resource_id}/opening": Only(MANAGERS, at="resource"),
    "PUT /api/{m}/resources/{resource_id}/units": Only(MANAGERS, at="resource"),
    "POST /api/{m}/extra-openings": Only(MANAGERS, at="resource"),
    "DELETE /api/{m}/extra-openings/{extra_id}": Only(MANAGERS, at="resource"),
    "POST /api/{m}/school-holidays": Only(MANAGERS),
    "DELETE /api/{m}/school-holidays/{holiday_id}": Only(MANAGERS),
    "POST /api/{m}/limits": Only(MANAGERS, at="resource"),
    "PATCH /api/{m}/limits/{limit_id}": Only(MANAGERS, at="resource"),
    "DELETE /api/{m}/limits/{limit_id}": Only(MANAGERS, at="resource"),
    # Free time and closures
    "GET /api/{m}/search": ANYBODY,
    "GET /api/{m}/resources/{resource_id}/free": ANYBODY,
    "GET /api/{m}/resources/{resource_id}/calendar": ANYBODY,
    "GET /api/{m}/closures": ANYBODY,
    "POST /api/{m}/closures": Only("administrator facility_manager caretaker", at="resource"),
    "DELETE /api/{m}/closures/{closure_id}": Only("administrator facility_manager caretaker", at="facility"),
    # Booking: the town's application and booking are for its association
    "POST /api/{m}/quote": Only("", "leader booker herself", nobody=None),  # for the association
    "GET /{m}/resources/{resource_id}/book": ANYBODY,
    "GET /{m}/resources/{resource_id}/quote": ANYBODY,
    "POST /{m}/resources/{resource_id}/book": replace(SIGNED_IN_WRITES, nobody=303),  # to signing in
    "POST /api/{m}/applications": Only("", "leader booker herself"),  # for the association
    "GET /api/{m}/applications": SIGNED_IN,
    "GET /api/{m}/applications/{application_id}": READ_BOOKING,
    "POST /api/{m}/applications/{application_id}/submit": replace(OF_HOLDER, held=409),  # it holds nothing
    "POST /api/{m}/applications/{application_id}/withdraw": OF_HOLDER,
    "POST /api/{m}/applications/{application_id}/decide": Only(
        OFFICERS, at="resource", others=404, sees=f"leader booker treasurer {ALL_STAFF}"
    ),
    "GET /{m}/applications/{application_id}": READ_BOOKING,
    "GET /api/{m}/bookings": SIGNED_IN,
    "GET /api/{m}/bookings/{booking_id}": READ_BOOKING,
    "POST /api/{m}/bookings/{booking_id}/cancel": CHANGE_BOOKING,
    "POST /api/{m}/bookings/{booking_id}/move": CHANGE_BOOKING,
    "GET /{m}/bookings": SIGNED_IN,
    "GET /{m}/bookings/{booking_id}/cancel": CHANGE_BOOKING,
    "POST /{m}/bookings/{booking_id}/cancel": CHANGE_BOOKING,
    "GET /{m}/bookings/{booking_id}/move": CHANGE_BOOKING,
    "POST /{m}/bookings/{booking_id}/move": CHANGE_BOOKING,
    "GET /{m}/requests": Only(OFFICERS, at="anywhere"),
    "GET /{m}/requests/{application_id}": Only(OFFICERS, at="resource", out_of_reach=404),
    "POST /{m}/requests/{application_id}": Only(OFFICERS, at="resource", out_of_reach=404),
    # Associations: the town's, with its delegates
    "GET /api/{m}/associations": SIGNED_IN,
    "POST /api/{m}/associations": SIGNED_IN_WRITES,
    "GET /api/{m}/associations/{association_id}": ANYBODY,
    "PATCH /api/{m}/associations/{association_id}": Only(ASSOCIATIONS),  # with another customer group
    "GET /api/{m}/associations/{association_id}/delegates": Only(
        ASSOCIATIONS, "leader booker treasurer reading"
    ),
    "GET /api/{m}/associations/{association_id}/invitations": LEAD,
    "POST /api/{m}/associations/{association_id}/invitations": LEAD,
    "POST /api/{m}/associations/{association_id}/teams": LEAD,
    "POST /api/{m}/associations/{association_id}/contacts": LEAD,
    "PATCH /api/{m}/teams/{team_id}": LEAD,
    "DELETE /api/{m}/teams/{team_id}": LEAD,
    "PATCH /api/{m}/contacts/{contact_id}": LEAD_INSIDE,
    "DELETE /api/{m}/contacts/{contact_id}": LEAD_INSIDE,
    "PATCH /api/{m}/delegates/{delegate_id}": LEAD_INSIDE,
    "DELETE /api/{m}/delegates/{delegate_id}": LEAD_INSIDE,
    "DELETE /api/{m}/invitations/{invitation_id}": Only(ASSOCIATIONS, "leader", others=404),
    "GET /api/{m}/leader-claims": READ_ASSOCIATIONS,
    "POST /api/{m}/leader-claims/{claim_id}/decide": Only(ASSOCIATIONS),
    "GET /{m}/associations": SIGNED_IN,
    "GET /{m}/associations/new": SIGNED_IN,
    "POST /{m}/associations/new": SIGNED_IN_WRITES,
    "GET /{m}/associations/{association_id}": ANYBODY,
    "GET /{m}/associations/{association_id}/edit": LEAD,
    "POST /{m}/associations/{association_id}/edit": LEAD,
    "GET /{m}/associations/{association_id}/people": LEAD,
    "POST /{m}/associations/{association_id}/people": LEAD,
    "POST /{m}/associations/{association_id}/invitations/{invitation_id}/withdraw": Only(
        ASSOCIATIONS, "leader", others=404
    ),
    "GET /{m}/delegates/{delegate_id}": LEAD_INSIDE,
    "POST /{m}/delegates/{delegate_id}": LEAD_INSIDE,
    "POST /{m}/delegates/{delegate_id}/end": LEAD_INSIDE,
    "POST /{m}/delegates/{delegate_id}/lead": Only(  # a leader hands over; nobody does it for her, or to herself
        "", "leader", others=404, sees=f"booker treasurer {ASSOCIATIONS}", odd={"herself": 422}
    ),
    "GET /{m}/associations/{association_id}/teams/new": LEAD,
    "POST /{m}/associations/{association_id}/teams/new": LEAD,
    "GET /{m}/teams/{team_id}": LEAD,
    "POST /{m}/teams/{team_id}": LEAD,
    "POST /{m}/teams/{team_id}/end": LEAD,
    "GET /{m}/associations/{association_id}/contacts/new": LEAD,
    "POST /{m}/associations/{association_id}/contacts/new": LEAD,
    "GET /{m}/contacts/{contact_id}": LEAD_INSIDE,
    "POST /{m}/contacts/{contact_id}": LEAD_INSIDE,
    "POST /{m}/contacts/{contact_id}/remove": LEAD_INSIDE,
    "GET /{m}/associations/{association_id}/lead": AT_BROWSER,
    "POST /{m}/associations/{association_id}/lead": replace(
        AT_BROWSER,
        odd={"leader": 409, "herself": 409},  # they lead it already
    ),
    "GET /{m}/leader-claims/{claim_id}/file": Only(ASSOCIATIONS, "reading", others=404),
    "GET /{m}/staff/leader-claims": READ_ASSOCIATIONS,
    "GET /{m}/staff/leader-claims/{claim_id}": READ_ASSOCIATIONS,
    "POST /{m}/staff/leader-claims/{claim_id}": Only(ASSOCIATIONS),
    "GET /{m}/staff/associations": READ_ASSOCIATIONS,
    "GET /{m}/staff/associations.csv": READ_ASSOCIATIONS,
    # One's own
    "GET /{m}/me/logins": AT_BROWSER,
    "POST /{m}/me/logins/{login_id}/end": Only("", "herself", others=404),
    "POST /{m}/me/logins/end-all": AT_BROWSER,
    "GET /api/{m}/me": SIGNED_IN,
    "PATCH /api/{m}/me": SIGNED_IN_WRITES,
    "GET /api/{m}/me/tokens": SIGNED_IN,
    "POST /api/{m}/me/tokens": Only("", "weak herself"),  # at a browser: the others have come with tokens
    "DELETE /api/{m}/me/tokens/{token_id}": Only("", "herself", others=404),
    "GET /api/{m}/me/data": SIGNED_IN,
    "GET /api/{m}/me/reads": SIGNED_IN,
    "GET /api/{m}/me/erasure": SIGNED_IN,
    "POST /api/{m}/me/erasure": Only("", "weak herself"),  # at a browser: the others have come with tokens
    "GET /{m}/me": SIGNED_IN,
    "POST /{m}/me": SIGNED_IN_WRITES,
    "GET /{m}/me/tokens": SIGNED_IN,
    "POST /{m}/me/tokens": Only(
        ALL_STAFF, "citizen leader booker treasurer weak", at="anywhere"
    ),  # at a browser
    "POST /{m}/me/tokens/{token_id}/revoke": Only("", "herself", others=404),
    "GET /api/{m}/me/data": SIGNED_IN,
    "GET /api/{m}/me/erasure": SIGNED_IN,
    "POST /api/{m}/me/erasure": Only("", "weak herself"),  # at a browser
    "GET /api/{m}/me/reads": SIGNED_IN,
    "GET /{m}/me/data": SIGNED_IN,
    "GET /{m}/me/data.json": SIGNED_IN,
    "GET /{m}/me/erasure": SIGNED_IN,
    "POST /{m}/me/erasure": Only(
        ALL_STAFF, "citizen leader booker treasurer weak", at="anywhere"
    ),  # at a browser
    "GET /{m}/me/erased": ANYBODY,
    "GET /{m}/me/reads": SIGNED_IN,
    # Administration
    "GET /{m}/staff": Only("administrator@anywhere facility_manager case_officer finance", "reading"),
    "GET /api/{m}/retention": Only("administrator"),
    "PUT /api/{m}/retention": Only("administrator"),
    "GET /api/{m}/people": READ_PERSONS,
    "GET /api/{m}/people/{person_id}": READ_PERSONS,
    "PATCH /api/{m}/people/{person_id}": Only("administrator case_officer"),
    "GET /{m}/staff/people": READ_PERSONS,
    "GET /{m}/staff/people/{person_id}": READ_PERSONS,
    "POST /{m}/staff/people/{person_id}/group": Only("administrator case_officer"),
    "POST /{m}/staff/people/{person_id}/roles": Only("administrator"),
    "GET /api/{m}/roles": Only("administrator", at="anywhere"),
    "POST /api/{m}/roles": Only("administrator", at="facility"),
    "DELETE /api/{m}/roles/{role_id}": Only("administrator", out_of_reach=404),
    "GET /api/{m}/role-invitations": Only("administrator", at="anywhere"),
    "POST /api/{m}/role-invitations": Only("administrator", at="resource"),
    "DELETE /api/{m}/role-invitations/{invitation_id}": Only("administrator", out_of_reach=404),
    "GET /{m}/staff/roles": Only("administrator", at="anywhere"),
    "POST /{m}/staff/roles": Only("administrator", at="resource"),
    "GET /{m}/staff/roles/{role_id}/end": Only("administrator", out_of_reach=404),
    "POST /{m}/staff/roles/{role_id}/end": Only("administrator", out_of_reach=404),
    "POST /{m}/staff/invitations/{invitation_id}/withdraw": Only("administrator", out_of_reach=404),
    "GET /api/{m}/tokens": Only("administrator"),
    "DELETE /api/{m}/tokens/{token_id}": Only("administrator"),
    "GET /{m}/staff/tokens": Only("administrator"),
    "POST /{m}/staff/tokens/{token_id}/revoke": Only("administrator"),
    "GET /api/{m}/retention": Only("administrator"),
    "PUT /api/{m}/retention": Only("administrator"),
    "GET /{m}/staff/retention": Only("administrator"),
    "POST /{m}/staff/retention": Only("administrator"),
    "GET /api/{m}/audit": Only("administrator", "reading"),
    "GET /{m}/staff/audit": Only("administrator", "reading"),
}
"""Method and path → who may. Bodies are those of tests/web/bodies_*.py, forms those of tests/web/filled_in.py."""
