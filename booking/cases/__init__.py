"""The case officer's work: the queue, the case, decisions, offers, appeals, and the applicant's own side."""
