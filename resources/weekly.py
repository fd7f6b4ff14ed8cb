"""The weekly times of associations, as an import states them and as bookings are laid from."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from core.spans import DAY_MINUTES
from core.wire import minutes_of
from resources.import_files import WeeklyRow, weekdays


class WeeklyTime(Struct, frozen=True, kw_only=True):
    """A weekly time to be laid as bookings by the room that books."""

    resource_id: UUID
    association: str
    title: str
    activity: str | None
    weekday: int
    """1 is Monday."""
    opens_minute: int
    closes_minute: int
    """Beyond 1440 on the next day."""
    from_on: date
    until_on: date


def weekly_times(row: WeeklyRow, resource_id: UUID) -> list[WeeklyTime]:
    """One for each weekday of the row."""
    start, end = minutes_of(row.start), minutes_of(row.end)
    return [
        WeeklyTime(
            resource_id=resource_id,
            association=row.association,
            title=row.title or row.association,
            activity=row.activity,
            weekday=weekday,
            opens_minute=start,
            closes_minute=end if end > start else end + DAY_MINUTES,
            from_on=row.from_on,
            until_on=row.until_on,
        )
        for weekday in weekdays(row.weekday)
    ]
