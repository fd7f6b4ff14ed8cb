"""What pages of invoicing call things. Pure."""

from collections.abc import Mapping
from typing import Final

from core.texts import N_

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "gathering": (N_("Being gathered"), "warning"),
    "drafted": (N_("To be looked through"), "info"),
    "issuing": (N_("Being issued"), "warning"),
    "issued": (N_("Issued"), "success"),
    "void": (N_("Dropped"), "neutral"),
}
"""State of a run → its name and colour."""
WARNINGS: Final[Mapping[str, str]] = {
    "no_name": N_("No name"),
    "no_organisation_number": N_("No organisation number: cannot be sent as EHF"),
    "no_address": N_("No address"),
    "small": N_("A small amount"),
}
MISSING: Final[Mapping[str, str]] = {
    "bank_account": N_("Enter the bank account in the terms first."),
    "kid_length": N_(
        "The KID is running full: choose a longer one, or a shorter prefix, in the terms first."
    ),
    "vat_registered": N_(
        "There is VAT in the drafts, but the terms say that the municipality is not registered for VAT."
    ),
}
"""Member of the invoice terms that is missing → what to do."""
DONE: Final[Mapping[str, str]] = {
    "begun": N_("Drafts are being made. Look again in a moment."),
    "issued": N_("The invoices are being issued. Look again in a moment."),
    "dropped": N_("The drafts are dropped. The bookings can be gathered again."),
    "left-out": N_("It is left out this time. The next run finds it again."),
    "reference": N_("The reference is changed."),
    "credited": N_("The credit note is issued."),
    "terms": N_("The terms are changed."),
    "code-added": N_("The account is added."),
    "code-gone": N_("The account is taken away."),
    "exported": N_("The file is being written. Look again in a moment."),
}
"""What the address says was just done → how it is told."""
EXPORT_STATES: Final[Mapping[str, str]] = {"making": N_("Being written"), "made": N_("Ready")}
UNITS: Final[Mapping[str, str]] = {"invoice": N_("Invoice"), "internal": N_("Internal")}
"""How it is settled."""
LAYOUTS: Final = (
    N_("CSV"),
    N_("EHF Billing 3.0 (zip)"),
    N_("Internal postings (CSV)"),
    N_("Online payments (CSV)"),
    N_("Unit4 ERP (Agresso), orders like LG04"),
    N_("Unit4 ERP (Agresso), postings like GL07"),
    N_("Visma Enterprise, invoice basis"),
    N_("Xledger, sales orders like SO01"),
)
"""Names of the layouts that come with the program; a municipality's own is shown as it calls itself."""
