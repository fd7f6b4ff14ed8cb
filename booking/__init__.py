"""Who has it, when: applications, bookings, claims, availability, search."""
