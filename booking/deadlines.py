"""Until when a decision can be appealed, and when a case must be answered once it has waited for its applicant."""

from datetime import date, datetime, timedelta
from typing import Final

from resources.holidays import public_holidays

WEEKS_TO_APPEAL: Final = timedelta(weeks=3)
"""Forvaltningsloven § 29."""
A_DAY: Final = timedelta(days=1)
SATURDAY: Final = 6


def appeal_until(told_on: date) -> date:
    """The last day to appeal a decision whose notice was sent on that local day.

    Three weeks later, the same day of the week (domstolloven § 148); where that is a Saturday, a Sunday or a public
    holiday, the next working day (§ 149).
    """
    day = told_on + WEEKS_TO_APPEAL
    while day.isoweekday() >= SATURDAY or day in public_holidays(day.year):
        day += A_DAY
    return day


def resumed(answer_by: datetime | None, paused_at: datetime, now: datetime) -> datetime | None:
    """By when the municipality must answer, now that the applicant has: the time it waited for her is added."""
    return None if answer_by is None else answer_by + max(now - paused_at, timedelta(0))
