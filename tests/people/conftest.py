"""The town of tests/booking, for what is asked over HTTP here."""

from tests.booking.conftest import town as town
