"""The demo: the 23 municipalities of Rogaland, ready to try. Made once; what people do in it stays."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.ids import new_id
from core.provision import Access
from core.spans import utc_now
from core.tenants import Tenant, all_tenants
from people.association_models import AssociationContact
from people.groups import group_of
from people.models import Association, Delegate, Person, RoleGrant, Team
from people.service import hash_of, issue_token
from resources.importing import import_files
from web import setup_queries
from web.demo_bookings import lay_bookings
from web.demo_cases import lay_cases
from web.demo_history import lay_history
from web.demo_people import (
    ACTIVITIES,
    DATA,
    KNOWN,
    SPORTS,
    SPORTS_CLUB,
    TEAMS,
    Municipality,
    actor_of,
    clubs_of,
    demo_id,
    figures,
    municipalities,
)
from web.demo_policies import lay_policies
from web.demo_prices import lay_prices
from web.demo_queue import lay_queue
from web.demo_telling import lay_wishes
from web.demo_waiting import lay_waiting
from web.tenant_setup import NewTenant, add_tenant, check_tenant


async def load(found: Access, base_url: str, var_dir: Path, now: datetime | None = None) -> None:
    """Make what of the demo is missing and write demo.json. A municipality that is here already stays as it is."""
    assert found.owner is not None, "the demo makes municipalities, which only the owner may"
    now = now or utc_now()
    database, owner = Database(found.program, pool_size=2), Database(found.owner, pool_size=1)
    try:
        known = _read_tokens(var_dir)
        async with database.shared() as db:
            here = {tenant.slug: tenant for tenant in await all_tenants(db)}
        for each in municipalities():
            if each.slug not in here:
                async with owner.transaction(each.tenant_id) as db:
                    await add_tenant(db, each.tenant_id, _new_tenant(each))
        async with database.shared() as db:
            here = {tenant.id: tenant for tenant in await all_tenants(db)}
        told: dict[str, object] = {}
        for each in municipalities():
            if each.tenant_id in here:
                tenant = here[each.tenant_id]
                async with database.transaction(each.tenant_id) as db:
                    told[each.slug] = await _fill(db, each, tenant, now=now, known=known.get(each.slug, {}))
        _write(var_dir, {"base_url": base_url, "municipalities": told})
    finally:
        await owner.close()
        await database.close()


def _new_tenant(each: Municipality) -> NewTenant:
    languages = ("nn", "nb", "en") if each.first_language == "nn" else ("nb", "nn", "en")
    new = NewTenant(
        slug=each.slug,
        number=each.number,
        organisation_number=each.organisation_number,
        name=each.name,
        languages=languages,
        colour=each.colour,
        hosts=(each.host,),
    )
    check_tenant(new)
    return new


async def _fill(
    db: AsyncSession, each: Municipality, tenant: Tenant, *, now: datetime, known: Mapping[str, str]
) -> dict[str, object]:
    """The people and places of one municipality; the answer is what demo.json says of it."""
    files = {f"{each.slug}.json": (DATA / f"{each.slug}.json").read_bytes()}
    is_new = not await setup_queries.is_known(db, demo_id(each.slug, "person", "citizen"))
    if is_new:
        await _add_people(db, each)
        await import_files(
            db,
            actor_of(each, "admin"),
            files,
            zone=tenant.zone,
            now=now,
            id_of=lambda table, key: demo_id(each.slug, table, key),
        )
        await lay_prices(db, each, tenant, now)
        await lay_wishes(db, each, now)
        await lay_policies(db, each, tenant, now)
        await lay_history(db, each, tenant, now)
        await lay_bookings(db, each, tenant, now)
        await lay_waiting(db, each, tenant, now)
        await lay_cases(db, each, tenant, now)
        await lay_queue(db, each, tenant, now)
    tokens = await _tokens(db, each, known)
    return {
        "host": each.host,
        "tokens": tokens,
        "association_id": demo_id(each.slug, "association", each.clubs[0]),
        "associations": {name: demo_id(each.slug, "association", name) for name in each.clubs},
        "persons": {part: demo_id(each.slug, "person", part) for part in tokens},
        "resources": dict(_resources(each, files.values())),
    }


async def _add_people(db: AsyncSession, each: Municipality) -> None:
    living = list(figures(each))
    db.add_all(
        Person(
            id=demo_id(each.slug, "person", one.part),
            name=one.name,
            email=f"{one.part}@{each.slug}.example",
            phone="+4799999999" if one.role is None else None,
            customer_group="resident" if one.role is None else "internal",
        )
        for one in living
    )
    db.add_all(
        Association(
            id=demo_id(each.slug, "association", name),
            name=name,
            activities=list(ACTIVITIES.get(name, SPORTS)),
            customer_group=group_of(KNOWN.get(name, SPORTS_CLUB)),
            **msgspec.structs.asdict(KNOWN.get(name, SPORTS_CLUB)),
        )
        for name in each.clubs
    )
    await db.flush()
    for one in living:
        person_id = demo_id(each.slug, "person", one.part)
        if one.role is not None:
            db.add(RoleGrant(person_id=person_id, role=one.role))
        for name in clubs_of(one, each):
            association_id = demo_id(each.slug, "association", name)
            db.add(Delegate(person_id=person_id, association_id=association_id, role=one.acts_as))
    for name in each.clubs:
        for team, age_group in TEAMS:
            team_id = demo_id(each.slug, "team", f"{name}/{team}")
            association_id = demo_id(each.slug, "association", name)
            activity = ACTIVITIES.get(name, SPORTS)[0]
            db.add(
                Team(
                    id=team_id,
                    association_id=association_id,
                    name=team,
                    age_group=age_group,
                    activity=activity,
                )
            )
        db.add(
            AssociationContact(
                id=demo_id(each.slug, "association_contact", name),
                association_id=demo_id(each.slug, "association", name),
                title="Leder",
                name="Anne Lagleder" if name == each.clubs[0] else "Tom Trener",
                email=f"post@{each.slug}.example",
                is_public=True,
            )
        )
    await db.flush()


async def _tokens(db: AsyncSession, each: Municipality, known: Mapping[str, str]) -> dict[str, str]:
    """Part → secret: the one of demo.json where it still opens, else a new one."""
    hashes = {part: hash_of(secret) for part, secret in known.items()}
    live = await setup_queries.live_hashes(db, hashes.values())
    tokens: dict[str, str] = {}
    for one in figures(each):
        if one.part in known and hashes[one.part] in live:
            tokens[one.part] = known[one.part]
        else:
            person_id = demo_id(each.slug, "person", one.part)
            tokens[one.part] = issue_token(db, person_id, "demo", ["read", "write", "staff"])
    await db.flush()
    return tokens


def _resources(each: Municipality, files: Iterable[bytes]) -> Iterable[tuple[str, UUID]]:
    """`sandneshallen/hall-a` → id."""
    for content in files:
        for facility in json.loads(content)["facilities"]:
            for resource in facility["resources"]:
                key = f"{facility['key']}/{resource['key']}"
                yield key, demo_id(each.slug, "resource", key)


def _read_tokens(var_dir: Path) -> dict[str, dict[str, str]]:
    """What an earlier demo.json gave out; nothing when there is none that can be read."""
    try:
        told = json.loads((var_dir / "demo.json").read_bytes())
        found = {slug: each["tokens"] for slug, each in told["municipalities"].items()}
        return msgspec.convert(found, dict[str, dict[str, str]])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _write(var_dir: Path, told: dict[str, object]) -> None:
    """Whole or not at all."""
    var_dir.mkdir(parents=True, exist_ok=True)
    draft = var_dir / f"demo.json.{new_id()}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    draft.replace(var_dir / "demo.json")
