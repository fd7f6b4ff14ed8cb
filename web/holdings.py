"""Every module that says what a room holds about persons: imported here, so that core.privacy knows them all."""

from types import ModuleType

import booking.cases.privacy
import booking.privacy
import people.collecting
import people.erasing
import people.retaining

MODULES: tuple[ModuleType, ...] = (
    people.collecting,
    people.erasing,
    people.retaining,
    booking.privacy,
    booking.cases.privacy,
)
