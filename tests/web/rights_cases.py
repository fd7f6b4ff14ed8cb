"""Who may do what with the case, and their forms filled in."""

from msgspec.structs import replace

from tests import make
from tests.web.entitled import ALL_STAFF, Only, Right
from tests.web.towns import Form, Town

OFFICERS = "administrator facility_manager case_officer"
OTHERS = "finance caretaker reader"
"""Staff who read bookings there, and no cases."""
READ_CASE = Only(OFFICERS, "leader booker treasurer", at="resource", others=404, sees=OTHERS)
WRITE_CASE = Only(OFFICERS, "leader booker", at="resource", others=404, sees=f"treasurer {OTHERS}")
OF_OFFICER = Only(
    OFFICERS,
    at="resource",
    others=404,
    sees=f"leader booker treasurer {OTHERS}",
    odd={"herself": 403},  # it is her own association's
)
OF_HOLDER = Only("", "leader booker herself", at="resource", others=404, sees=f"treasurer {ALL_STAFF}")
ONCE = Only("", "leader booker herself", at="resource", others=404, sees=f"treasurer {ALL_STAFF}", held=409)
"""The same, of what the town has done already, or has nothing to do it with."""
LIST = Only("administrator")
CASE = "/{m}/applications/{application_id}"
DECISION = f"{CASE}/decisions/{{number}}"

RIGHTS: dict[str, Right] = {
    f"GET /api{CASE}/messages": READ_CASE,
    f"POST /api{CASE}/messages": WRITE_CASE,
    f"POST /api{CASE}/files": replace(WRITE_CASE, held=422),  # without a file
    f"GET /api{CASE}/files/{{file_id}}": READ_CASE,
    f"GET /api{CASE}/decisions": READ_CASE,
    f"POST /api{DECISION}/appeal": ONCE,
    f"POST /api{DECISION}/appeal/close": OF_OFFICER,
    f"POST /api{CASE}/accept-offer": ONCE,
    f"POST /api{CASE}/decline-offer": ONCE,
    "POST /{m}/requests/{application_id}/offer": Only(OFFICERS, at="resource", out_of_reach=404),
    "POST /{m}/requests/{application_id}/write": OF_OFFICER,
    "POST /{m}/requests/{application_id}/appeals/{number}": OF_OFFICER,
    f"POST {CASE}/write": OF_HOLDER,
    f"POST {CASE}/offers/{{offer_id}}/accept": ONCE,
    f"POST {CASE}/offers/{{offer_id}}/decline": ONCE,
    f"POST {CASE}/withdraw": OF_HOLDER,
    f"GET {CASE}/files/{{file_id}}": READ_CASE,
    f"GET {DECISION}": READ_CASE,
    f"GET {DECISION}/letter.pdf": READ_CASE,
    f"POST {DECISION}/appeal": ONCE,
    "GET /{m}/staff/reasons": LIST,
    "POST /{m}/staff/reasons": LIST,
    "GET /{m}/staff/reasons/{reason_id}": LIST,
    "POST /{m}/staff/reasons/{reason_id}": LIST,
    "POST /{m}/staff/reasons/{reason_id}/end": LIST,
}
"""Route → who may, as in tests/web/rights.py."""


def _offer(town: Town) -> dict[str, str]:
    day = make.next_weekday(2, weeks=3)
    return {
        "version": "1",
        "offer_for": str(town.ids["booking"]),
        "resource_id": str(town.ids["resource"]),
        "on": day.isoformat(),
        "from_time": "10:00",
        "to_time": "11:00",
    }


FORMS: dict[str, Form] = {
    "POST /{m}/requests/{application_id}/offer": _offer,
    "POST /{m}/requests/{application_id}/write": lambda _town: {"kind": "note", "text": "Ring henne."},
    "POST /{m}/requests/{application_id}/appeals/{number}": lambda _town: {"outcome": "upheld"},
    "POST /{m}/applications/{application_id}/write": lambda _town: {"text": "Hei"},
    "POST /{m}/applications/{application_id}/decisions/{number}/appeal": lambda _town: {"text": "Vi klager."},
    "POST /{m}/staff/reasons": lambda _town: {"key": "taken", "nb": "Opptatt", "position": "1"},
    "POST /{m}/staff/reasons/{reason_id}": lambda _town: {"nb": "Opptatt", "position": "1"},
}
"""Route → its form, filled in so that whoever may is answered with success."""
