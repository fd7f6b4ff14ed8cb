"""A refusal of what a booking form asks for, told at the field that it is about. Pure."""

from collections.abc import Mapping

from booking.booking_form import ANSWER, ARTICLE, BookingForm, answer_field, articles_of
from booking.told import explanation
from core.errors import ArticleTaken, Forbidden, Refusal
from core.texts import N_, Texts
from resources.article_form import article_errors

FIELD_OF: Mapping[str, str] = {
    "times.0.start": "from_time",
    "times.0.end": "to_time",
    "start": "from_time",
    "end": "to_time",
    "team_id": "team",
    "repeat": "every_weeks",
    "repeat.every_weeks": "every_weeks",
    "repeat.until": "until",
    "repeat.except": "until",
}
"""Field of the API → field of the form, where they differ."""


def take_in(read: BookingForm, refusal: Refusal, texts: Texts) -> bool:
    """Makes the refusal an error of the field it names; False when it names none of the form."""
    field = str(refusal.facts.get("field", ""))
    field = FIELD_OF.get(field, field)
    if field.startswith("answers."):
        return _take_in_answer(read, field.removeprefix("answers."), refusal, texts)
    if isinstance(refusal, Forbidden):
        field = "association_id"
    if isinstance(refusal, ArticleTaken):
        field = f"{ARTICLE}{refusal.facts['article']}"
    # What is not offered then has no field, and is only told of.
    if ordered := article_errors(refusal, [each.article for each in articles_of(read.form)], texts):
        read.errors.update(ordered)
        return True
    if field not in read.form:
        return False
    told = {
        "until": N_("The last day must not be before the first, nor so far ahead that it is too many times."),
        "every_weeks": N_("This cannot be repeated: too many times, or none left."),
        "team": N_("Choose a team of the association that you book for."),
        "association_id": N_("Choose an association that you may book for."),
        "accepted_terms": N_("You must accept the terms to book."),
    }
    if field in told:
        read.errors[field] = texts.gettext(told[field])
    else:
        read.errors[field] = explanation(refusal, texts) or texts.gettext(refusal.title)
    return True


def _take_in_answer(read: BookingForm, key: str, refusal: Refusal, texts: Texts) -> bool:
    """The same for the answer to a question; one that was left out has no field yet."""
    kinds = (name for name in read.form if name.startswith(ANSWER) and name.split("-", 2)[2] == key)
    field = next(kinds, answer_field("yes_no", key))
    read.form.setdefault(field, "")
    is_missing = bool(refusal.facts.get("missing"))
    read.errors[field] = texts.gettext(
        N_("Answer this question.") if is_missing else N_("This is no answer to the question.")
    )
    return True
