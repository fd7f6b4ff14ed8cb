"""How long the outbox waits for what, and how often it tries."""

from datetime import timedelta

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long the outbox waits for what. Tests are in a hurry."""

    look_again: timedelta = timedelta(milliseconds=200)
    """Between looks when nobody rings: the most a message can be late while the relay is idle."""
    resend_after: timedelta = timedelta(seconds=30)
    """A message on which nobody is at work so long after it was sent or taken up is sent again: it has been lost."""
    batch: int = 100
    high_water: int = 1000
    """The broker gets no more while so many deliveries wait there; the rest stay in the database."""
    first_pause: timedelta = timedelta(seconds=5)
    """After the first failure; doubled after each further one."""
    longest_pause: timedelta = timedelta(hours=1)
    attempts: int = 15
    """A message is dead after as many, a good five hours with these pauses."""
    run_limit: timedelta = timedelta(minutes=5)
    """No subscriber may take longer."""
    call_limit: timedelta = timedelta(minutes=1)
    """No call to the outside may take longer."""
    check_recurring: timedelta = timedelta(minutes=1)
    """A new municipality has its recurring tasks after this at the latest."""


STEADY = Pace()
"""What suits a municipality."""
