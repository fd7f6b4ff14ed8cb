"""A person's own profile: what she is called, how she is reached and told, in which language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.errors import ChangedMeanwhile, Invalid, NotFound
from core.texts import N_
from people import person_queries, queries
from people.actors import Actor
from people.contact import email_of, name_of, phone_of, postcode_of
from people.models import Person
from people.profile_schemas import ProfileOut, ProfilePatch
from people.rules import demand_person

CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "name": name_of,
    "email": email_of,
    "phone": phone_of,
    "postcode": postcode_of,
}
"""Member of the profile → how it is written there."""


async def profile(db: AsyncSession, actor: Actor) -> ProfileOut:
    """Her own. Raises SignInNeeded."""
    person = await queries.person(db, demand_person(actor, writes=False))
    if person is None:
        raise NotFound(what="person")
    return _out(person)


async def change_profile(
    db: AsyncSession,
    actor: Actor,
    patch: ProfilePatch,
    *,
    languages: Sequence[str],
    version: int | None,
    now: datetime,
) -> ProfileOut:
    """What is given in the patch. Raises SignInNeeded, Forbidden, ChangedMeanwhile, Invalid naming the field.

    The audit trail tells which members changed, not what they were: it is kept when she is erased.
    """
    wanted = _wanted(patch, languages)
    person = await person_queries.locked(db, demand_person(actor))
    if person is None:
        raise NotFound(what="person")
    if version is not None and version != person.version:
        raise ChangedMeanwhile(version=person.version)
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if changed:
        for name in changed:
            setattr(person, name, wanted[name])
        person.version += 1
        told = {"members": (None, changed)}
        note(db, person.id, "person.changed", table="person", row_id=person.id, now=now, change=told)
        await db.flush()
    return _out(person)


def _wanted(patch: ProfilePatch, languages: Sequence[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name, check in CHECKS.items():
        value = getattr(patch, name)
        if value is not UNSET:
            wanted[name] = check(value or "")
    if patch.language is not UNSET:
        if patch.language is not None and patch.language not in languages:
            choices = ", ".join(languages)
            raise Invalid(field="language", expected=N_("one of %(choices)s"), words={"choices": choices})
        wanted["language"] = patch.language
    if patch.notices is not UNSET:
        wanted["notices"] = sorted(set(patch.notices))
    return wanted


def _out(person: Person) -> ProfileOut:
    return ProfileOut(
        id=person.id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        postcode=person.postcode,
        language=person.language,
        notices=person.notices,
        customer_group=person.customer_group,
        created_at=person.created_at,
        version=person.version,
    )
