"""What people are called on pages and in letters: roles in an association, and roles of staff."""

from collections.abc import Mapping

from core.texts import N_, Texts
from people.actors import DelegateRole, Role

DELEGATE_LABELS: Mapping[DelegateRole, str] = {
    "leader": N_("Leader"),
    "booker": N_("Booker"),
    "treasurer": N_("Treasurer"),
}
DELEGATES_MAY: Mapping[DelegateRole, str] = {
    "leader": N_("Books, invites others, and changes what stands about the association."),
    "booker": N_("Books for the association, and changes and cancels its bookings."),
    "treasurer": N_("Sees the association's bookings and what they cost. Books nothing."),
}
STAFF_LABELS: Mapping[Role, str] = {
    "administrator": N_("Administrator"),
    "facility_manager": N_("Facility manager"),
    "case_officer": N_("Case officer"),
    "finance": N_("Finance officer"),
    "caretaker": N_("Caretaker"),
    "reader": N_("Reader"),
}


def role_label(role: str, words: Texts) -> str:
    """A role of either kind, in the reader's language."""
    label = {**DELEGATE_LABELS, **STAFF_LABELS}.get(role)  # pyright: ignore[reportArgumentType]  # any text may be asked for
    return role if label is None else words.gettext(label)
