"""What cases tell about persons: their copy. What is written goes with the application it is written in, and as late
(booking/privacy.py); a decision is never changed, and stays for the archive.
"""

from booking import case_privacy_queries as cases
from core.privacy import holds
from core.texts import N_

holds("case_entry", N_("What has been written in your cases, and what you have written as staff"))(
    cases.entries
)
holds("case_file", N_("Files in your cases"))(cases.files)
holds("decision", N_("Decisions in your cases, and those you have made as staff"))(cases.decisions)
holds("appeal", N_("Your appeals, and those you have answered as staff"))(cases.appeals)
holds("offer", N_("Times you have been offered, and those you have offered as staff"))(cases.offers)
