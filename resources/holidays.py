"""Which days are public holidays?"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from holidays import country_holidays


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """Norwegian public holidays (helligdager, 1 and 17 May) of a year. Local dates; ordinary Sundays are none."""
    return frozenset(country_holidays("NO", years=year))


@lru_cache(maxsize=1024)
def public_holidays_between(first: date, last: date) -> frozenset[date]:
    """Those of the days from first to last, both included."""
    years = range(first.year, last.year + 1)
    return frozenset(day for year in years for day in public_holidays(year) if first <= day <= last)


def days_of(periods: Iterable[tuple[date, date]], first: date, last: date) -> frozenset[date]:
    """The days from first to last that lie in a period; periods include both their days."""
    return frozenset(
        date.fromordinal(ordinal)
        for from_on, until_on in periods
        for ordinal in range(max(from_on, first).toordinal(), min(until_on, last).toordinal() + 1)
    )
