"""Something to show in the templates of telling people."""

from typing import Any, Final

from tests.web.contexts import NOW, Sample
from tests.web.samples_me import CHANGED

LINE: Final[dict[str, Any]] = {
    "subject": "Godkjent: Trening, jenter 14",
    "created_at": NOW,
    "is_read": False,
    "url": "/solvik/messages/0192",
}
FAILURE: Final[dict[str, Any]] = {
    "id": "0192",
    "kind": "Et brev på e-post",
    "attempts": 15,
    "error": "core.mail_tasks.send_letter: SMTPRecipientsRefused: 550 no such box ***",
    "created_at": NOW,
    "at": NOW,
}


def messages(**other: Any) -> dict[str, Any]:
    return {
        "messages": [LINE, {**LINE, "is_read": True, "subject": "x" * 200}],
        "unread": 1,
        "read_url": "/solvik/messages/read",
        "profile_url": "/solvik/me",
        "previous_url": None,
        "next_url": "?next",
        **other,
    }


def text(**other: Any) -> dict[str, Any]:
    return {
        "title": "En bestilling er flyttet",
        "language": "nb",
        "language_name": "Bokmål",
        "kind": "moved",
        "is_own": False,
        "version": 0,
        "fields": [("{name}", "Hva leseren heter"), ("{times}", "Tider og steder, en linje hver")],
        "form": {"subject": "Flyttet: {title}", "text": "Hei {name}!\n\nNå er det:\n{times}"},
        "errors": {},
        "refusals": [],
        "preview": None,
        "ours": None,
        "post_url": "/solvik/staff/texts/edit",
        "back_url": "/solvik/staff/texts",
        **other,
    }


def outgoing(**other: Any) -> dict[str, Any]:
    return {
        "letters": 12,
        "text_messages": 0,
        "left": 3,
        "has_mail": True,
        "has_sms": False,
        "failing": [{**FAILURE, "attempts": 1}],
        "dead": [FAILURE, {**FAILURE, "id": "0193"}],
        "post_url": "/solvik/staff/messages/resend",
        **other,
    }


def unsubscribe(**other: Any) -> dict[str, Any]:
    return {
        "what": "Påminnelser om bestillingene dine",
        "is_over": False,
        "post_url": "/solvik/unsubscribe/x",
        "profile_url": "/solvik/me",
        **other,
    }


OWN: Final[dict[str, Any]] = {"subject": "Flyttet: Trening", "text": "Hei Kari!\n\nNå er det:\ni morgen"}
SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(name="messages", template="booking/messages.html", context=messages()),
    Sample(
        name="messages-none",
        template="booking/messages.html",
        context=messages(messages=[], unread=0, next_url=None),
    ),
    Sample(
        name="message",
        template="booking/message.html",
        context={
            "message": {
                "subject": "Godkjent: Trening",
                "text": "Hei Kari!\n\nDu har fått tiden.\n",
                "created_at": NOW,
                "url": "/solvik/applications/0192",
            },
            "back_url": "/solvik/messages",
        },
    ),
    Sample(
        name="texts",
        template="booking/texts.html",
        context={
            "kinds": [
                {
                    "title": "En bestilling er flyttet",
                    "languages": [
                        {"name": "Bokmål", "is_own": True, "url": "?kind=moved&language=nb"},
                        {"name": "Nynorsk", "is_own": False, "url": "?kind=moved&language=nn"},
                    ],
                }
            ]
        },
    ),
    Sample(name="text", template="booking/text.html", context=text()),
    Sample(name="text-tried", template="booking/text.html", context=text(preview=OWN, is_own=True, ours=OWN)),
    Sample(
        name="text-wrong",
        template="booking/text.html",
        context=text(errors={"text": "{navn} betyr ingenting her."}, refusals=[CHANGED]),
    ),
    Sample(name="outgoing", template="booking/outgoing.html", context=outgoing()),
    Sample(
        name="outgoing-none",
        template="booking/outgoing.html",
        context=outgoing(failing=[], dead=[], left=0, letters=0, has_mail=False),
    ),
    Sample(name="unsubscribe", template="booking/unsubscribe.html", context=unsubscribe()),
    Sample(
        name="unsubscribed",
        template="booking/unsubscribe.html",
        context=unsubscribe(is_over=True),
        is_signed_in=False,
    ),
)
