"""A hundred people act at random on one facility for a month; whatever they do, what must hold holds."""

from tests.booking.month import KINDS, Month
from tests.booking.month_machine import run_months
from tests.conftest import Urls


def test_a_month_of_a_hundred_people(database_urls: Urls) -> None:
    done = run_months(database_urls, Month, KINDS, steps=60)
    for kind in ("apply", "hold", "decide", "cancel", "move", "offer", "close"):
        assert done[kind], done
