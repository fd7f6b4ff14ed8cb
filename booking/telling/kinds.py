"""What people are told of: each kind's words, what may stand in them, and by which of a person's wishes it goes. Pure.

A text is paragraphs between empty lines; `{title}` and the like stand for what it is about. A paragraph in which
everything of that sort is empty is left out, so that a text need not know whether there was a reason.
"""

from collections.abc import Mapping
from typing import Final

from booking.telling.kind import FIELDS as FIELDS
from booking.telling.kind import OF_ALL as OF_ALL
from booking.telling.kind import Kind as Kind
from core.texts import N_

KINDS: Final[Mapping[str, Kind]] = {
    "requested": Kind(
        title=N_("A request is received"),
        subject=N_("Received: {title}"),
        text=N_(
            "Hello {name}!\n\nWe have received your request:\n{times}\n\nBefore, it was:\n{before}\n\n"
            "The municipality reads it and answers you. You need do nothing until then.\n\n"
            "Read the request, write to us or withdraw it:\n{link}"
        ),
        fields=("title", "times", "before"),
        must=True,
    ),
    "confirmed": Kind(
        title=N_("A booking is confirmed at once"),
        subject=N_("Booked: {title}"),
        text=N_(
            "Hello {name}!\n\nThis is yours:\n{times}\n\n"
            "If you cannot come, please cancel early, so that others may have the time.\n\n"
            "See or change the booking:\n{link}"
        ),
        fields=("title", "times"),
        must=True,
        texted=True,
    ),
    "payable": Kind(
        title=N_("A booking waits to be paid"),
        subject=N_("Please pay: {title}"),
        text=N_(
            "Hello {name}!\n\nThis is yours as soon as you have paid:\n{times}\n\nPay before {pay_by}. "
            "After that, others may have the time.\n\nSee what it costs, and pay:\n{link}"
        ),
        fields=("title", "times", "pay_by"),
        must=True,
        texted=True,
    ),
    "paid": Kind(
        title=N_("A booking is paid"),
        subject=N_("Paid and booked: {title}"),
        text=N_(
            "Hello {name}!\n\nWe have your payment. This is yours:\n{times}\n\n"
            "If you cannot come, please cancel early, so that others may have the time.\n\n"
            "See the booking and the receipt:\n{link}"
        ),
        fields=("title", "times"),
        must=True,
        texted=True,
    ),
    "unpaid": Kind(
        title=N_("A booking was not paid in time"),
        subject=N_("Not paid in time: {title}"),
        text=N_(
            "Hello {name}!\n\nThis was not paid in time, and others may have it now:\n{times}\n\n"
            "Is it still free, you can book it again:\n{link}"
        ),
        fields=("title", "times"),
        must=True,
    ),
    "reduced": Kind(
        title=N_("What a booking costs is lowered"),
        subject=N_("You pay less: {title}"),
        text=N_(
            "Hello {name}!\n\nYou pay less for:\n{times}\n\nReason: {reason}\n\n"
            "What you have paid too much is given back to you.\n\nSee the booking:\n{link}"
        ),
        fields=("title", "times", "reason"),
        must=True,
    ),
    "approved": Kind(
        title=N_("A request is approved"),
        subject=N_("Approved: {title}"),
        text=N_(
            "Hello {name}!\n\nYour request is approved:\n{times}\n\n{text}\n\n"
            "Pay before {pay_by}. After that, others may have the time.\n\n"
            "You can appeal until {deadline}.\n\nSee the decision:\n{link}"
        ),
        fields=("title", "times", "text", "pay_by", "deadline"),
        must=True,
        texted=True,
    ),
    "rejected": Kind(
        title=N_("A request is not approved"),
        subject=N_("Not approved: {title}"),
        text=N_(
            "Hello {name}!\n\nYou cannot have:\n{times}\n\nReason: {reason}\n\n{text}\n\n"
            "You can appeal until {deadline}. Write what should be changed, and why.\n\n"
            "See the decision, and find other times:\n{link}"
        ),
        fields=("title", "times", "reason", "text", "deadline"),
        must=True,
        texted=True,
    ),
    "decided": Kind(
        title=N_("A request is answered in part"),
        subject=N_("Answered: {title}"),
        text=N_(
            "Hello {name}!\n\nYour request is answered.\n\nApproved:\n{approved}\n\n"
            "Pay before {pay_by}. After that, others may have the time.\n\nNot approved:\n{rejected}\n\n"
            "Reason: {reason}\n\n{text}\n\nYou can appeal until {deadline}. Write what should be changed, and why.\n\n"
            "See the decision:\n{link}"
        ),
        fields=("title", "approved", "rejected", "reason", "text", "pay_by", "deadline"),
        must=True,
        texted=True,
    ),
    "withdrawn": Kind(
        title=N_("A request is withdrawn by somebody else"),
        subject=N_("Withdrawn: {title}"),
        text=N_(
            "Hello {name}!\n\nSomebody who may act for you has withdrawn the request for:\n{times}\n\n"
            "See the request:\n{link}"
        ),
        fields=("title", "times"),
    ),
    "cancelled": Kind(
        title=N_("A booking is cancelled"),
        subject=N_("Cancelled: {title}"),
        text=N_(
            "Hello {name}!\n\nThis is cancelled:\n{times}\n\nReason: {reason}\n\n{money}\n\nSee the booking:\n{link}"
        ),
        fields=("title", "times", "reason", "money"),
        must=True,
        texted=True,
    ),
    "lapsed": Kind(
        title=N_("A time is not held any longer"),
        subject=N_("Not held any longer: {title}"),
        text=N_(
            "Hello {name}!\n\nNobody said yes in time, and so this is not held for you any longer:\n{times}\n\n"
            "If it is still free, you can book it again:\n{link}"
        ),
        fields=("title", "times"),
    ),
    "displaced": Kind(
        title=N_("The municipality needs the time itself"),
        subject=N_("You cannot have the time: {title}"),
        text=N_(
            "Hello {name}!\n\nThe municipality needs the place itself. You cannot have:\n{times}\n\n"
            "Reason: {reason}\n\n{money}\n\n"
            "We are sorry. If we find other times for you, we write again.\n\n"
            "See what happens with it:\n{link}"
        ),
        fields=("title", "times", "reason", "money"),
        must=True,
        texted=True,
    ),
    "moved": Kind(
        title=N_("A booking is moved"),
        subject=N_("Moved: {title}"),
        text=N_(
            "Hello {name}!\n\nThe booking is moved. Now it is:\n{times}\n\nBefore, it was:\n{before}\n\n{money}\n\n"
            "See or change the booking:\n{link}"
        ),
        fields=("title", "times", "before", "money"),
        must=True,
        texted=True,
    ),
    "message": Kind(
        title=N_("The municipality writes to the applicant"),
        subject=N_("A message about {title}"),
        text=N_(
            "Hello {name}!\n\n{municipality} has written to you about your request:\n\n{text}\n\nAnswer here:\n{link}"
        ),
        fields=("title", "text"),
        must=True,
    ),
    "question": Kind(
        title=N_("The municipality asks the applicant for more"),
        subject=N_("We need to know more: {title}"),
        text=N_(
            "Hello {name}!\n\nBefore we can answer your request, we need to know:\n\n{text}\n\n"
            "Your request waits until you have answered. Answer here:\n{link}"
        ),
        fields=("title", "text"),
        must=True,
        texted=True,
    ),
    "answer": Kind(
        title=N_("To staff: the applicant writes"),
        subject=N_("The applicant has written: {title}"),
        text=N_("{who} has written:\n\n{text}\n\nOpen the case:\n{link}"),
        fields=("title", "text", "who"),
    ),
    "appeal": Kind(
        title=N_("To staff: the applicant appeals"),
        subject=N_("Appeal: {title}"),
        text=N_("{who} appeals:\n\n{text}\n\nOpen the case:\n{link}"),
        fields=("title", "text", "who"),
    ),
    "assigned": Kind(
        title=N_("To staff: a case is handed over"),
        subject=N_("You have got a case: {title}"),
        text=N_(
            "{who} wants to have:\n{times}\n\nThe answer is due on {deadline}.\n\nOpen the case:\n{link}"
        ),
        fields=("title", "times", "who", "deadline"),
    ),
    "offer": Kind(
        title=N_("The applicant is offered another time"),
        subject=N_("Another time for you: {title}"),
        text=N_(
            "Hello {name}!\n\nInstead of what you asked for:\n{before}\n\nyou can have:\n{times}\n\n{text}\n\n"
            "It is held for you until {deadline}. Say yes or no here:\n{link}"
        ),
        fields=("title", "times", "before", "text", "deadline"),
        must=True,
        texted=True,
    ),
    "waiting_offer": Kind(
        title=N_("A time that somebody waits for is held for her"),
        subject=N_("It is your turn: {title}"),
        text=N_(
            "Hello {name}!\n\nWhat you wait for has become free:\n{times}\n\n"
            "It is held for you until {deadline}. Then the next in line gets it. Say yes or no here:\n{link}"
        ),
        fields=("title", "times", "deadline"),
        wish="waiting",
        texted=True,
    ),
    "replacements": Kind(
        title=N_("Those who lost a time are shown others"),
        subject=N_("Other times for you: {title}"),
        text=N_(
            "Hello {name}!\n\nThe municipality had to take back:\n{before}\n\n"
            "You can have one of these instead. They are not held: who says yes first has it.\n{times}\n\n"
            "Choose here:\n{link}"
        ),
        fields=("title", "times", "before"),
        must=True,
        texted=True,
    ),
    "free": Kind(
        title=N_("Something that somebody waits for is free"),
        subject=N_("Free now: {times}"),
        text=N_(
            "Hello {name}!\n\nWhat you look for is free:\n{times}\n\n"
            "It is not held for you: who books first has it.\n\nBook it here:\n{link}"
        ),
        fields=("times",),
        wish="waiting",
        texted=True,
    ),
    "reminder": Kind(
        title=N_("A reminder the day before"),
        subject=N_("Reminder: {title}, {day}"),
        text=N_(
            "Hello {name}!\n\nYou have booked:\n{times}\n\nThe code for the door:\n{codes}\n\n"
            "If you cannot come, please cancel, so that others may have the time.\n\nSee or change it:\n{link}"
        ),
        fields=("title", "times", "day", "codes"),
        wish="reminder",
        texted=True,
    ),
    "door_failed": Kind(
        title=N_("The door has no code for somebody whose time comes"),
        subject=N_("The door may not open: {title}"),
        text=N_(
            "Hello {name}!\n\nYou have booked:\n{times}\n\nWe cannot reach the lock of the door, so your code may not "
            "open it. We go on trying. Please call whoever looks after the place before you leave home.\n\n"
            "See whether the code works now:\n{link}"
        ),
        fields=("title", "times"),
        must=True,
        texted=True,
    ),
    "receipt": Kind(
        title=N_("Something is paid, and here is the receipt"),
        subject=N_("{document}: {title}"),
        text=N_(
            "Hello {name}!\n\nYou have paid {amount} for:\n{times}\n\nThe receipt, also to print and to keep:\n{link}"
        ),
        fields=("title", "times", "amount", "document"),
        must=True,
    ),
    "invoice": Kind(
        title=N_("An invoice is issued"),
        subject=N_("{document}: {title}"),
        text=N_(
            "Hello {name}!\n\nHere is an invoice of {amount} for:\n{times}\n\nPlease pay by {deadline}.\n\n"
            "The invoice, also to print and to keep:\n{link}"
        ),
        fields=("title", "times", "amount", "document", "deadline"),
        must=True,
    ),
    "given_back": Kind(
        title=N_("Money that was paid goes back"),
        subject=N_("Money back: {title}"),
        text=N_(
            "Hello {name}!\n\n{amount} is on its way back to you. It goes the way you paid, and takes some days. "
            "It is for:\n{times}\n\nReason: {reason}\n\nThe credit note, also to print and to keep:\n{link}"
        ),
        fields=("title", "times", "amount", "document", "reason"),
        must=True,
    ),
    "credited": Kind(
        title=N_("Some of an invoice, or all of it, is taken back"),
        subject=N_("{document}: {title}"),
        text=N_(
            "Hello {name}!\n\nYou owe {amount} less than your invoice said. It is for:\n{times}\n\nReason: {reason}\n\n"
            "The credit note, also to print and to keep:\n{link}"
        ),
        fields=("title", "times", "amount", "document", "reason"),
        must=True,
    ),
    "deposit_kept": Kind(
        title=N_("A deposit is kept, or some of it"),
        subject=N_("The deposit: {title}"),
        text=N_(
            "Hello {name}!\n\nOf your deposit, {amount} is kept. It was for:\n{times}\n\nReason: {reason}\n\n"
            "{money}\n\nYour payments:\n{link}"
        ),
        fields=("title", "times", "amount", "reason", "money"),
        must=True,
    ),
    "digest": Kind(
        title=N_("To staff: what waits, each weekday morning"),
        subject=N_("Requests that wait: {count}"),
        text=N_(
            "Requests that wait for an answer at your places: {count}\n\nPast their deadline: {late}\n\n"
            "Your own: {own}\n\nOpen the requests:\n{link}"
        ),
        fields=("count", "late", "own"),
        wish="digest",
    ),
    "webhook_paused": Kind(
        title=N_("To administrators: another program cannot be reached"),
        subject=N_("Not told any more: {title}"),
        text=N_(
            "“{title}” is told of changes of bookings, and does not take them: it has said that it is gone, or has not "
            "answered for days. It is told nothing more until you put it on again. Nothing is lost meanwhile.\n\n"
            "See what it answered, and put it on again:\n{link}"
        ),
        fields=("title",),
    ),
    "import_failed": Kind(
        title=N_("To staff: a calendar from elsewhere cannot be read"),
        subject=N_("A calendar cannot be read: {title}"),
        text=N_(
            "{title}\n\n{reason}\n\nWhat it has brought stays as it is until somebody changes it.\n\n"
            "See to the calendar:\n{link}"
        ),
        fields=("title", "reason"),
    ),
}
"""In the order of the municipality's page."""

EXAMPLES: Final[Mapping[str, str]] = {
    "name": "Kari Nordmann",
    "title": N_("Training, girls 14"),
    "reason": N_("The hall is used for an election."),
    "text": N_("We look forward to seeing you."),
    "who": "Ola Nordmann",
    "count": "7",
    "late": "2",
    "own": "3",
    "amount": "655 kr",
    "money": N_("You owe nothing for it."),
    "document": N_("Receipt 12"),
}
"""What a preview shows of what needs no clock."""
