"""Every refusal the program can give, as one tree; web/problems.py turns them into problem+json or a page.

Refusal
├── Malformed               400   malformed              (field, expected)
├── WrongHost               421   wrong-host             (field, expected)
├── NotFound                404   not-found
├── SignInNeeded            401   sign-in-needed
│   └── StepUpNeeded              step-up-needed         (the login is not sure enough for what is asked)
├── Forbidden               403   forbidden
├── SignInFailed            403   sign-in-failed         (reason)
├── Gone                    410   gone                   (what)
│   └── CursorTooOld              cursor-too-old         (kept_days: how long the list of changes goes back)
├── TooMany                 429   too-many-requests      (retry_after)
├── Invalid                 422   invalid                (field, expected)
│   └── NonexistentLocalTime      nonexistent-local-time
├── NotBookable             422   a rule of the resource says no to the asked time
│   ├── OutsideOpeningHours       outside-opening-hours
│   ├── OffGrid                   off-grid
│   ├── TooShort, TooLong         too-short, too-long
│   ├── TooSoon, TooFarAhead      too-soon, too-far-ahead
│   ├── TermsNotAccepted          terms-not-accepted
│   └── AssociationNeeded         association-needed
├── Conflict                409   somebody or something else is in the way
│   ├── TimeTaken                 time-taken             (conflicts: spans)
│   ├── ArticleTaken              article-taken          (article, left, conflicts: spans)
│   ├── Closed                    closed
│   ├── LimitReached              limit-reached
│   ├── AlreadyFree               already-free           (nobody needs to wait for what can be booked)
│   ├── WrongState                wrong-state
│   │   ├── AlreadyDecided
│   │   └── HasEnded                         (a tariff or an article that holds no more)
│   ├── NotAppealable             not-appealable
│   ├── AlreadyTaken              already-taken          (officer_id: who has the case)
│   ├── LastLeader                last-leader
│   ├── LastAdministrator         last-administrator
│   ├── ProfileIncomplete         profile-incomplete     (missing: fields of the profile)
│   ├── NotErasable               not-erasable           (in_the_way: what must be put in order first)
│   ├── InvoiceTermsMissing       invoice-terms-missing  (missing: members of the invoice terms)
│   ├── NothingToExport           nothing-to-export
│   ├── NotPayableOnline          not-payable-online     (the municipality takes no money online)
│   └── InUse                     in-use
├── ChangedMeanwhile        412   changed-meanwhile
├── ProviderDown            503   sign-in-unavailable
├── PaymentUnavailable      503   payment-unavailable    (whoever takes the money does not answer)
└── Busy                    503   busy
"""

from collections.abc import Callable
from typing import Any, ClassVar

from core.texts import N_


class Refusal(Exception):
    """A named no. `facts` are JSON-able once encoded by msgspec: spans, instants, numbers, ids, words."""

    type: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("The request was refused.")
    constraint: ClassVar[str | None] = None
    """The database constraint behind it; names are matched by prefix because shards add a number."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.type)
        self.facts = facts


class Malformed(Refusal):
    """What came could not be read at all. Facts: `field`, `expected`."""

    type = "malformed"
    title = N_("What you sent cannot be read.")


class WrongHost(Refusal):
    """A host name that is none of ours. Facts: `field`, `expected` (names that are)."""

    type = "wrong-host"
    status = 421
    title = N_("This service does not go by the name that you used.")


class NotFound(Refusal):
    """Also what a reader gets for a thing that is not hers to know about."""

    type = "not-found"
    status = 404
    title = N_("There is nothing here by that name.")


class SignInNeeded(Refusal):
    type = "sign-in-needed"
    status = 401
    title = N_("You need to sign in first.")


class StepUpNeeded(SignInNeeded):
    """The person has the right, but her login is not sure enough for it. Facts: `action`."""

    type = "step-up-needed"
    title = N_("You need to sign in more securely to do this.")


class Forbidden(Refusal):
    type = "forbidden"
    status = 403
    title = N_("You do not have the right to do this.")


class SignInFailed(Refusal):
    """What came back from the provider does not hold. Nothing is told but that: the reason stands in the log."""

    type = "sign-in-failed"
    status = 403
    title = N_("The sign-in did not succeed. Please try again.")


class Gone(Refusal):
    """A link that has been used, withdrawn, or is too old. Facts: `what`."""

    type = "gone"
    status = 410
    title = N_("This link can no longer be used.")


class CursorTooOld(Gone):
    """What comes after it is no longer known in full: read everything anew. Facts: `kept_days`."""

    type = "cursor-too-old"
    title = N_(
        "The list of changes does not go back that far. Read everything anew, then follow it from now."
    )


class TooMany(Refusal):
    """More requests than one client may make. Facts: `retry_after`, seconds."""

    type = "too-many-requests"
    status = 429
    title = N_("That was too often. Please wait a little and try again.")


class Invalid(Refusal):
    """Bad input. Facts: `field` (dotted path), `expected` (what would be right).

    `expected`, a text or several of which one is right, is put into the reader's language where it is marked with N_;
    `%(name)s` in it takes the value of that name in the fact `words`.
    """

    type = "invalid"
    status = 422
    title = N_("Something in what you sent is not right.")

    def expected(self, gettext: Callable[[str], str] = str) -> str:
        """What would be right, in the language that `gettext` speaks."""
        told: str | list[str] = self.facts["expected"]
        words: dict[str, str] = self.facts.get("words") or {}
        texts = [gettext(text) for text in ([told] if isinstance(told, str) else told)]
        return " / ".join(text % words if words else text for text in texts)


class NonexistentLocalTime(Invalid):
    """The wall clock skips this time (spring, 02:00 to 03:00). Facts: `day`, `time`."""

    type = "nonexistent-local-time"
    title = N_("This time does not exist: the clocks are set forward that night.")


class NotBookable(Refusal):
    status = 422


class OutsideOpeningHours(NotBookable):
    type = "outside-opening-hours"
    title = N_("The time is outside the opening hours.")


class OffGrid(NotBookable):
    """Facts: `interval_minutes`, `nearest` (starts before and after)."""

    type = "off-grid"
    title = N_("The time does not fit the steps in which this can be booked.")


class TooShort(NotBookable):
    type = "too-short"
    title = N_("The time is shorter than the shortest booking here.")


class TooLong(NotBookable):
    type = "too-long"
    title = N_("The time is longer than the longest booking here.")


class TooSoon(NotBookable):
    type = "too-soon"
    title = N_("It is too late to book or change this time.")


class TooFarAhead(NotBookable):
    type = "too-far-ahead"
    title = N_("The time is too far ahead to be booked yet.")


class TermsNotAccepted(NotBookable):
    type = "terms-not-accepted"
    title = N_("The terms must be accepted first.")


class AssociationNeeded(NotBookable):
    type = "association-needed"
    title = N_("Only associations can book this.")


class Conflict(Refusal):
    status = 409


class TimeTaken(Conflict):
    """Facts: `conflicts`, spans sorted by start; never who."""

    type = "time-taken"
    title = N_("The time is taken.")
    constraint = "claim_no_overlap"


class ArticleTaken(Conflict):
    """Too many of an article's stock are booked then. Facts: `article` (its key), `name` (by language), `left` (how
    many can be had the whole time), `conflicts` (spans in which there are too few, sorted by start).
    """

    type = "article-taken"
    title = N_("There are not enough of what you want to order along with it.")


class Closed(Conflict):
    """Facts: `closures`, spans with their public reason."""

    type = "closed"
    title = N_("It is closed at this time.")


class LimitReached(Conflict):
    """Facts: `kind`, `limit`, `used`."""

    type = "limit-reached"
    title = N_("The limit for how much you can book has been reached.")


class AlreadyFree(Conflict):
    """Nobody needs to wait for what can be booked now."""

    type = "already-free"
    title = N_("The time is free: you can book it now.")


class WrongState(Conflict):
    """The booking is no longer in a state that allows this. Facts: `state`."""

    type = "wrong-state"
    title = N_("This can no longer be done with the booking.")


class AlreadyDecided(WrongState):
    title = N_("Somebody has decided this already.")


class HasEnded(WrongState):
    """What has ended is kept as it was."""

    title = N_("This has ended and can no longer be changed.")


class NotAppealable(Conflict):
    """The municipality lets as any owner does: there is no right of appeal."""

    type = "not-appealable"
    title = N_("This answer cannot be appealed.")


class AlreadyTaken(Conflict):
    """A case that another officer has got meanwhile. Facts: `officer_id`; null: it was let go."""

    type = "already-taken"
    title = N_("Another officer has got this case meanwhile.")


class LastLeader(Conflict):
    """An association keeps a leader as long as it has delegates. Facts: `association_id`."""

    type = "last-leader"
    title = N_("Somebody else must become leader first.")


class LastAdministrator(Conflict):
    """Somebody must be able to give the roles of the municipality."""

    type = "last-administrator"
    title = N_("Somebody else must become administrator of the whole municipality first.")


class ProfileIncomplete(Conflict):
    """Who books must have said who she is. Facts: `missing`, members of her profile."""

    type = "profile-incomplete"
    title = N_("Please tell us your name first.")


class NotErasable(Conflict):
    """A person who still has something to put in order. Facts: `in_the_way`, each `kind`, `count`, `what` and `why`."""

    type = "not-erasable"
    title = N_("Something must be put in order before we can erase what we know about you.")


class InvoiceTermsMissing(Conflict):
    """Invoices cannot go out before this is said. Facts: `missing`, members of the invoice terms."""

    type = "invoice-terms-missing"
    title = N_("Something is missing in the invoice terms.")


class NothingToExport(Conflict):
    """All that this layout takes has gone out already."""

    type = "nothing-to-export"
    title = N_("There is nothing new to export in this layout.")


class NotPayableOnline(Conflict):
    """The municipality has no account where money can be taken now."""

    type = "not-payable-online"
    title = N_("This municipality does not take payment online right now.")


class PriceChanged(Refusal):
    """Facts: `was` and `price`, and of the difference what is `given_back` and what comes `on_invoice`."""

    type = "price-changed"
    status = 409
    title = N_("The new time has another price.")


class InUse(Conflict):
    """A change would break bookings or other rows that exist. Facts name them."""

    type = "in-use"
    title = N_("Existing bookings are in the way of this change.")


class AlreadyExists(Conflict):
    """Facts: `field`."""

    type = "already-exists"
    title = N_("This exists already.")


class ChangedMeanwhile(Refusal):
    """A lost update. Facts: `version` that stands now."""

    type = "changed-meanwhile"
    status = 412
    title = N_("Somebody has changed this since you read it.")


class KeyReused(Invalid):
    type = "idempotency-key-reused"
    title = N_("The same Idempotency-Key was used for another request.")


class ProviderDown(Refusal):
    """The provider where people sign in does not answer. Facts: `provider`."""

    type = "sign-in-unavailable"
    status = 503
    title = N_("The sign-in service does not answer right now. Please try again in a little while.")


class PaymentUnavailable(Refusal):
    """Whoever takes the money does not answer, or says no. Nothing is paid; the same request may be sent again."""

    type = "payment-unavailable"
    status = 503
    title = N_(
        "The payment service does not answer right now. Nothing has been paid. Please try again in a moment."
    )


class Busy(Refusal):
    """Too much at once; the same request may be sent again shortly."""

    type = "busy"
    status = 503
    title = N_("The service is busy. Please try again in a moment.")
