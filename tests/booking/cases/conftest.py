"""The town of tests/booking, with officers."""

from tests.booking.conftest import Town, town

__all__ = ["Town", "town"]
