"""What arrangements tell about persons: who of staff laid them, by number alone."""

from booking.arrangements import queries
from core.privacy import holds
from core.texts import N_

holds("arrangement", N_("Arrangements that you have laid as staff"))(queries.laid_by)
