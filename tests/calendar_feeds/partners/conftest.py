"""The municipality of tests/booking serves here too."""

from tests.booking.conftest import town as town
