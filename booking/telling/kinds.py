"""What people are told of: each kind's words, what may stand in them, and by which of a person's wishes it goes. Pure.

A text is paragraphs between empty lines; `{title}` and the like stand for what it is about. A paragraph in which
everything of that sort is empty is left out, so that a text need not know whether there was a reason.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from core.texts import N_
from people.contact import Notice

FIELDS: Final[Mapping[str, str]] = {
    "name": N_("What the reader is called"),
    "title": N_("What the booking is called"),
    "times": N_("Times and places, a line each"),
    "before": N_("Times and places as they were before, a line each"),
    "approved": N_("Times that are approved, a line each"),
    "rejected": N_("Times that are not approved, a line each"),
    "reason": N_("Why"),
    "text": N_("What the case officer wrote"),
    "who": N_("Who wrote it"),
    "deadline": N_("Until when something must be done"),
    "day": N_("A day"),
    "count": N_("How many"),
    "late": N_("How many of them are late; empty when none is"),
    "own": N_("How many of them are the reader's own; empty when none is"),
    "municipality": N_("The municipality's name"),
    "link": N_("Where to read more and answer"),
}
"""What may stand in a text, between braces → what it is."""
OF_ALL: Final = ("name", "municipality", "link")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that people are told of, in our words."""

    title: str
    """How the municipality's page calls it."""
    subject: str
    text: str
    fields: tuple[str, ...]
    """Of FIELDS, besides those of all kinds."""
    must: bool = False
    """The law, or fairness, wants it sent by e-mail whatever the reader has chosen."""
    wish: Notice = "email"
    """Of people.contact.NOTICES: who has this gets it by e-mail."""
    texted: bool = False
    """Worth a text message for those who want such."""

    @property
    def known(self) -> tuple[str, ...]:
        """All that may stand in it."""
        return (*OF_ALL, *self.fields)

    @property
    def may_end(self) -> bool:
        """Whether one click ends letters of this kind: those that she has chosen, and nothing rests on."""
        return self.wish != "email"


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
    "approved": Kind(
        title=N_("A request is approved"),
        subject=N_("Approved: {title}"),
        text=N_(
            "Hello {name}!\n\nYour request is approved:\n{times}\n\n{text}\n\n"
            "You can appeal until {deadline}.\n\nSee the decision:\n{link}"
        ),
        fields=("title", "times", "text", "deadline"),
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
            "Hello {name}!\n\nYour request is answered.\n\nApproved:\n{approved}\n\nNot approved:\n{rejected}\n\n"
            "Reason: {reason}\n\n{text}\n\nYou can appeal until {deadline}. Write what should be changed, and why.\n\n"
            "See the decision:\n{link}"
        ),
        fields=("title", "approved", "rejected", "reason", "text", "deadline"),
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
            "Hello {name}!\n\nThis is cancelled:\n{times}\n\nReason: {reason}\n\nSee the booking:\n{link}"
        ),
        fields=("title", "times", "reason"),
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
            "Reason: {reason}\n\n"
            "We are sorry. If we find other times for you, we write again.\n\n"
            "See what happens with it:\n{link}"
        ),
        fields=("title", "times", "reason"),
        must=True,
        texted=True,
    ),
    "moved": Kind(
        title=N_("A booking is moved"),
        subject=N_("Moved: {title}"),
        text=N_(
            "Hello {name}!\n\nThe booking is moved. Now it is:\n{times}\n\nBefore, it was:\n{before}\n\n"
            "See or change the booking:\n{link}"
        ),
        fields=("title", "times", "before"),
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
            "Hello {name}!\n\nYou have booked:\n{times}\n\n"
            "If you cannot come, please cancel, so that others may have the time.\n\nSee or change it:\n{link}"
        ),
        fields=("title", "times", "day"),
        wish="reminder",
        texted=True,
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
}
"""What a preview shows of what needs no clock."""
