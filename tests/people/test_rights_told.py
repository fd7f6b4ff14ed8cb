"""docs/rights.md says what people/rules.py decides: its tables are made of the rules, word for word."""

from typing import get_args

from core.page import ROOT
from people.actors import DelegateRole, Role
from people.rules import ALSO, DELEGATES, STAFF

ROLES: dict[Role, str] = {
    "administrator": "Administrator",
    "facility_manager": "Facility manager (driftsleder)",
    "case_officer": "Case officer (saksbehandler)",
    "finance": "Finance (økonomi)",
    "caretaker": "Caretaker (vaktmester)",
    "reader": "Reader (leser)",
}
ACTIONS = {
    "tenant.manage": "Set up the municipality: retention and what else holds for all of it",
    "people.manage": "Give and end roles, invite staff, see and revoke the tokens of programs",
    "audit.read": "Read the audit trail: who did what, and when",
    "association.manage": "Change associations and customer groups, answer claims to lead",
    "resource.manage": "Add and change facilities, resources, their parts and limits",
    "opening.manage": "Set opening hours, extra openings and school holidays",
    "closure.manage": "Close a place for a time, and open again",
    "import.manage": "Let other calendars be read in as closures or bookings",
    "door.manage": "Connect door locks, and see whether they have their codes",
    "partner.manage": "Tell other programs of changes: webhooks",
    "arrangement.manage": "Lay arrangements (public events), also over what is booked",
    "day.read": "See the day's list: who comes when, what to set up, whom to call",
    "application.decide": "Approve and reject requests",
    "booking.change_any": "Move and cancel what anybody has booked, also after the deadline",
    "booking.read_all": "See who has booked what",
    "person.read": "Find people, and see how to reach them and what they may do",
    "tariff.manage": "Set tariffs, articles and what a late cancellation costs",
    "money.read": "See orders, receipts, payments, revenue and what does not agree",
    "refund.give": "Give money back, with a reason",
    "invoice.manage": "Gather, check, issue, credit and export invoices",
    "payment.manage": "Connect the municipality's account with the payment provider",
}
DELEGATE_ROLES: dict[DelegateRole, str] = {
    "leader": "Leader (leder)",
    "booker": "Booker (kan bestille)",
    "treasurer": "Treasurer (kasserer)",
}
DELEGATES_DO = {
    "association.book": "Apply for times in its name; move, cancel and withdraw what it has",
    "association.read": "See what it has booked and asked for",
    "association.lead": "Change its contacts and teams, invite others to act for it, hand over",
}


def staff_table() -> str:
    head = [f"| | {' | '.join(ROLES.values())} |", "|---" * (len(ROLES) + 1) + "|"]
    rows = [
        f"| {ACTIONS[action]} | {' | '.join('yes' if role in STAFF[action] else '' for role in ROLES)} |"
        for action in ACTIONS
    ]
    return "\n".join([*head, *rows])


def delegates_table() -> str:
    head = [
        f"| | {' | '.join(DELEGATE_ROLES.values())} | Staff of the whole municipality |",
        "|---|---|---|---|---|",
    ]
    rows = [
        f"| {told} | {' | '.join('yes' if role in DELEGATES[action] else '' for role in DELEGATE_ROLES)} "
        f"| {', '.join(ROLES[role] for role in ROLES if action in ALSO and role in STAFF[ALSO[action]])} |"
        for action, told in DELEGATES_DO.items()
    ]
    return "\n".join([*head, *rows])


def test_every_role_and_action_has_words() -> None:
    assert set(ROLES) == set(get_args(Role))
    assert ACTIONS.keys() == STAFF.keys()
    assert set(DELEGATE_ROLES) == set(get_args(DelegateRole))
    assert DELEGATES_DO.keys() == DELEGATES.keys()


def test_the_page_says_what_the_rules_decide() -> None:
    page = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    for table in (staff_table(), delegates_table()):
        assert table in page, f"put this into docs/rights.md:\n\n{table}\n"
