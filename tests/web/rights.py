"""Who may do what: every route of the program, and the roles that it answers. All others get what `others` says.

A new route gets a line here; the test that misses it writes the line to paste. Read it before you paste it: it tells
what the program does, not what it should. What a line means stands in tests/web/entitled.py.
"""

from msgspec.structs import replace

from tests.web import (
    rights_boards,
    rights_caldav,
    rights_cases,
    rights_doors,
    rights_feeds,
    rights_incoming,
    rights_money_articles,
    rights_money_invoices,
    rights_money_lists,
    rights_money_orders,
    rights_money_pages,
    rights_money_provider,
    rights_money_staff,
    rights_money_tariffs,
    rights_partners,
    rights_policies,
    rights_queue,
    rights_sharing,
    rights_telling,
    rights_waiting,
)
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
    "POST /{m}/me/tokens": AT_BROWSER,
    "POST /{m}/me/tokens/{token_id}/revoke": Only("", "herself", others=404),
    "GET /{m}/me/data": SIGNED_IN,
    "GET /{m}/me/data.json": SIGNED_IN,
    "GET /{m}/me/erasure": SIGNED_IN,
    "POST /{m}/me/erasure": AT_BROWSER,
    "GET /{m}/me/erased": ANYBODY,
    "GET /{m}/me/reads": SIGNED_IN,
    # Administration
    "GET /{m}/staff": Only(
        "administrator@anywhere facility_manager@anywhere case_officer@anywhere caretaker@anywhere finance@anywhere",
        "reading",
    ),
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
    "GET /{m}/staff/retention": Only("administrator"),
    "POST /{m}/staff/retention": Only("administrator"),
    "GET /api/{m}/audit": Only("administrator", "reading"),
    "GET /{m}/staff/audit": Only("administrator", "reading"),
    **rights_queue.RIGHTS,
    **rights_cases.RIGHTS,
    **rights_telling.RIGHTS,
    **rights_policies.RIGHTS,
    **rights_waiting.RIGHTS,
    **rights_boards.RIGHTS,
    **rights_feeds.RIGHTS,
    **rights_sharing.RIGHTS,
    **rights_caldav.RIGHTS,
    **rights_incoming.RIGHTS,
    **rights_partners.RIGHTS,
    **rights_doors.RIGHTS,
    **rights_money_provider.RIGHTS,
    **rights_money_articles.RIGHTS,
    **rights_money_lists.RIGHTS,
    **rights_money_tariffs.RIGHTS,
    **rights_money_staff.RIGHTS,
    **rights_money_invoices.RIGHTS,
    **rights_money_orders.RIGHTS,
    **rights_money_pages.RIGHTS,
}
"""Method and path → who may. Bodies are those of tests/web/bodies_*.py, forms those of tests/web/filled_in.py."""
