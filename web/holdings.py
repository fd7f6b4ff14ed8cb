"""Every module that says what a room holds about persons: imported here, so that core.privacy knows them all."""

from types import ModuleType

import booking.arrangements.privacy
import booking.case_privacy
import booking.cases.privacy
import booking.privacy
import booking.telling.privacy
import booking.waiting.privacy
import calendar_feeds.incoming.privacy
import calendar_feeds.partners.door_privacy
import calendar_feeds.partners.privacy
import calendar_feeds.privacy
import payments.invoicing.invoice_privacy
import payments.privacy
import people.collecting
import people.erasing
import people.retaining

MODULES: tuple[ModuleType, ...] = (
    people.collecting,
    people.erasing,
    people.retaining,
    booking.privacy,
    booking.arrangements.privacy,
    booking.waiting.privacy,
    booking.telling.privacy,
    booking.case_privacy,
    booking.cases.privacy,
    calendar_feeds.privacy,
    calendar_feeds.incoming.privacy,
    calendar_feeds.partners.privacy,
    calendar_feeds.partners.door_privacy,
    payments.invoicing.invoice_privacy,
    payments.privacy,
)
