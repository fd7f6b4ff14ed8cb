"""What there is to administer: one list, for the page that leads there and for the menu."""

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from core.errors import Forbidden, SignInNeeded, StepUpNeeded
from core.texts import N_
from people.actors import Actor
from people.rules import may, may_somewhere


class Door(msgspec.Struct, frozen=True):
    """A page of administration: where, what it is called, what one does there, and the right it takes."""

    path: str
    name: str
    about: str
    action: str
    anywhere: bool = False
    """Whether the right at one place is enough; else it must be held over the whole municipality."""


DOORS = (
    Door(
        "/staff/people",
        N_("People"),
        N_("Find a person, how to reach her, and what she may do."),
        "person.read",
    ),
    Door(
        "/staff/roles",
        N_("Roles"),
        N_("Who has which role where. Give, invite and end."),
        "people.manage",
        anywhere=True,
    ),
    Door(
        "/staff/associations",
        N_("Associations"),
        N_("Groups, contacts, teams and who acts for them."),
        "association.manage",
    ),
    Door(
        "/staff/leader-claims",
        N_("Claims to lead"),
        N_("Who says that she leads an association, and waits for an answer."),
        "association.manage",
    ),
    Door(
        "/staff/closures",
        N_("Closures"),
        N_("Close a place for a time, and open it again."),
        "closure.manage",
        anywhere=True,
    ),
    Door(
        "/staff/doors",
        N_("Door locks"),
        N_("Codes that open doors for those who have booked, and whether the locks have them."),
        "door.manage",
        anywhere=True,
    ),
    Door(
        "/staff/arrangements",
        N_("Arrangements"),
        N_("Public events: what they are, when and where."),
        "arrangement.manage",
        anywhere=True,
    ),
    Door(
        "/staff/imports",
        N_("Calendars in"),
        N_("Timetables and calendars from elsewhere that close or book a place here."),
        "import.manage",
        anywhere=True,
    ),
    Door(
        "/staff/reasons",
        N_("Reasons to reject"),
        N_("What officers choose from when they reject a request, and applicants read."),
        "tenant.manage",
    ),
    Door(
        "/staff/tariffs",
        N_("Tariffs"),
        N_("What hire costs, articles, what is kept when somebody cancels, and a trial of it all."),
        "tariff.manage",
        anywhere=True,
    ),
    Door(
        "/staff/resources",
        N_("Who decides"),
        N_("Rules of automatic answers, deadlines, questions and terms of each place."),
        "resource.manage",
        anywhere=True,
    ),
    Door(
        "/staff/routing",
        N_("Who answers what"),
        N_("Who gets the requests for a facility, or for one resource."),
        "resource.manage",
        anywhere=True,
    ),
    Door(
        "/staff/absences",
        N_("Absences"),
        N_("When you are away, and who answers for you."),
        "application.decide",
        anywhere=True,
    ),
    Door(
        "/staff/payments",
        N_("Payments"),
        N_("Receipts, invoices and credit notes: find one, and give money back."),
        "refund.give",
        anywhere=True,
    ),
    Door(
        "/staff/invoices",
        N_("Invoicing"),
        N_("Gather what is to be invoiced, look through it and issue it; terms and accounts."),
        "invoice.manage",
    ),
    Door(
        "/staff/exports",
        N_("Files for the accounts"),
        N_("Invoices to the finance system: EHF, CSV and other layouts, each once."),
        "invoice.manage",
    ),
    Door(
        "/staff/revenue",
        N_("Revenue"),
        N_("What came in, by place, month, group and article."),
        "money.read",
        anywhere=True,
    ),
    Door("/staff/tokens", N_("Programs"), N_("Tokens by which programs act for people."), "people.manage"),
    Door(
        "/staff/webhooks",
        N_("Webhooks"),
        N_("Other programs that are told of changes, and how that goes."),
        "partner.manage",
    ),
    Door(
        "/staff/provider",
        N_("Payment provider"),
        N_("The municipality's account with whoever takes money online, and how it stands with it."),
        "payment.manage",
    ),
    Door(
        "/staff/texts",
        N_("Texts"),
        N_("What letters and messages to people say, in the municipality's own words."),
        "tenant.manage",
    ),
    Door(
        "/staff/messages",
        N_("Messages out"),
        N_("Letters and text messages that could not be sent, and sending them again."),
        "tenant.manage",
    ),
    Door("/staff/retention", N_("Retention"), N_("How long each kind of data is kept."), "tenant.manage"),
    Door("/staff/audit", N_("Audit trail"), N_("Who did what, and when."), "audit.read"),
)
"""In the order of the page. A door whose route is not in the program is not shown."""
ACTIONS = tuple(dict.fromkeys(door.action for door in DOORS))


def may_administer(actor: Actor) -> bool:
    """Whether one of the doors is hers."""
    return any(opens(actor, door) for door in DOORS)


def demand_administration(actor: Actor) -> None:
    """Raises SignInNeeded, StepUpNeeded, Forbidden for who has no door at all."""
    if actor.person_id is None:
        raise SignInNeeded
    if may_administer(actor):
        return
    if may_administer(replace(actor, grants=actor.withheld)):
        raise StepUpNeeded(action="administration")
    raise Forbidden(action="administration")


def opens(actor: Actor, door: Door) -> bool:
    return (may_somewhere if door.anywhere else may)(actor, door.action)


def doors_of(actor: Actor, paths: Collection[str]) -> list[Door]:
    """Those that are hers, of the paths that the program has."""
    return [door for door in DOORS if door.path in paths and opens(actor, door)]
