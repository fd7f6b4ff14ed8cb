"""Who decides in the demo: a hall that answers at once on weekday evenings, a question, and terms in two versions."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.tenants import Tenant
from resources.deciding import set_policies
from resources.decision_schemas import PoliciesIn, PolicyLine
from resources.questions import Label, Option, Question
from resources.reading import resource
from resources.schemas import LeaseTerms, ResourcePatch
from resources.service import change_resource
from web.demo_people import Municipality, actor_of, demo_id

RULED = {"sandnes": "sandneshallen/sandneshallen-a", "stavanger": "hetlandshallen/hetlandshallen-a"}
"""Where an officer decides but on weekday evenings."""
LINES = PoliciesIn(
    lines=[
        PolicyLine(
            decision="automatic",
            weekdays=[1, 2, 3, 4, 5],
            from_time="16:00",
            until_time="22:00",
            max_minutes=180,
            customer_groups=["children_youth", "association"],
        ),
        PolicyLine(decision="case_officer", weekdays=[6, 7]),
    ]
)
QUESTIONS = [
    Question(
        key="goals",
        kind="number",
        label=Label(
            nb="Hvor mange mål trenger dere?", nn="Kor mange mål treng de?", en="How many goals do you need?"
        ),
    ),
    Question(
        key="stand",
        kind="choice",
        label=Label(nb="Skal tribunen brukes?", nn="Skal tribunen brukast?", en="Will the stand be used?"),
        hint=Label(
            nb="Vaktmesteren trekker den ut for dere.",
            nn="Vaktmeisteren dreg han ut for dykk.",
            en="The caretaker pulls it out for you.",
        ),
        options=(
            Option(key="no", label=Label(nb="Nei", nn="Nei", en="No")),
            Option(key="half", label=Label(nb="Halvparten", nn="Halvparten", en="Half of it")),
            Option(key="all", label=Label(nb="Hele", nn="Heile", en="All of it")),
        ),
    ),
]
EARLIER = LeaseTerms(
    version="2025-1",
    nb="Leietaker rydder etter seg og låser når siste leietaker går.",
    nn="Leigetakaren ryddar etter seg og låser når den siste går.",
    en="Tidy up after yourselves, and lock when you are the last to leave.",
)


async def lay_policies(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """By the services that staff use."""
    place = RULED.get(each.slug)
    if place is None:
        return
    resource_id: UUID = demo_id(each.slug, "resource", place)
    manager = actor_of(each, "manager")
    stands = await resource(db, manager, resource_id, now=now, zone=tenant.zone)

    async def change(body: ResourcePatch, at: datetime) -> None:
        await change_resource(db, manager, resource_id, body=body, version=None, zone=tenant.zone, now=at)

    await change(ResourcePatch(terms=EARLIER), now - timedelta(days=300))
    terms = stands.terms or msgspec.structs.replace(EARLIER, version="2026-1")
    await change(ResourcePatch(terms=terms, questions=QUESTIONS, answer_days=7), now)
    await set_policies(db, manager, resource_id, body=LINES, version=None, now=now)
