"""Something to show in the templates of boards, screens and lists of the day."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from booking.boards.board import Free, Shown, Thing, board_rows, split_days
from booking.boards.day_lists import DayList
from booking.boards.schemas import DayOut, VisitOut
from booking.boards.screens import Screen
from booking.boards.service import FacilityBoard
from booking.boards.views import board_view, day_list_view, screen_view
from core.spans import Span, local_day
from core.texts import texts
from core.wire import span_out
from tests.web.contexts import MONDAY, NOW, ZONE, Sample, at

HALL, HALF, UNIT_A, UNIT_B = (UUID(int=n) for n in range(1, 5))
THINGS: Final = [
    Thing(
        id=UUID(int=10),
        kind="booking",
        span=at(24, "16:00", hours=1.5),
        unit_ids=frozenset([UNIT_A]),
        resource_id=HALF,
        state="confirmed",
        title="Trening",
        who="Solvik IL <J14>",
        setup_minutes=15,
        cleanup_minutes=15,
        case_id=UUID(int=20),
    ),
    Thing(
        id=UUID(int=11),
        kind="request",
        span=at(24, "17:00", hours=2),
        unit_ids=frozenset([UNIT_A, UNIT_B]),
        resource_id=HALL,
        state="requested",
    ),
    Thing(
        id=UUID(int=12),
        kind="closure",
        span=at(25, "08:00", hours=14),
        unit_ids=frozenset([UNIT_A, UNIT_B]),
        title="Golvvask",
    ),
]


def days_of(first: date, count: int) -> list[Span]:
    return [local_day(ZONE, first + timedelta(days=n)) for n in range(count)]


def board_of(days: list[Span]) -> FacilityBoard:
    opened = split_days([at(day, "08:00", hours=14) for day in range(23, 29)], days)
    free = [
        [Free(span, Span(span.start, span.start + timedelta(hours=1))) for span in each] for each in opened
    ]
    resources = [
        Shown(HALL, "Hele hallen", frozenset([UNIT_A, UNIT_B]), opened, free),
        Shown(HALF, "Sal A", frozenset([UNIT_A]), opened, [[] for _ in days]),
    ]
    return FacilityBoard(
        facility_id=UUID(int=9),
        name="Solvikhallen",
        rows=board_rows(resources, THINGS, days),
        days=days,
        page=1,
        is_last=True,
        revision="1",
        may_read_all=True,
        may_decide=True,
        resource_names={HALL: "Hele hallen", HALF: "Sal A"},
    )


def board(days: list[Span]) -> dict[str, Any]:
    found = board_of(days)
    return {
        **board_view(found, texts("nb"), "/solvik", NOW),
        "facility": found.name,
        "revision": found.revision,
        "facility_url": "/solvik/facilities/9",
        "is_week": len(days) == 7,
        "week_number": 48,
        "board_url": "?b",
        "fragment_url": "?part=board",
        "events_url": "/events",
        "screen_url": "/screen",
        "previous_url": "?p",
        "next_url": "?n",
        "now_url": "?now",
        "day_url": "?day",
        "week_url": "?week",
        "fewer_url": None,
        "more_url": "?page=2",
    }


def screen(count: int) -> dict[str, Any]:
    rows = board_of(days_of(date(2026, 11, 24), 2)).rows[:count]
    return {
        **screen_view(Screen("Solvikhallen", UUID(int=9), rows), texts("nb"), NOW),
        "title": "Solvikhallen",
        "fragment_url": "?part=screen",
        "zone": "Europe/Oslo",
        "lost": "Sist oppdatert kl.",
    }


def visit(state: str, **more: Any) -> VisitOut:
    span = at(24, "16:00", hours=1.5)
    values: dict[str, Any] = {
        "booking_id": UUID(int=10),
        "application_id": UUID(int=20),
        "resource_id": HALF,
        "resource": "Sal A",
        "start": span.start,
        "end": span.end,
        "setup_from": span.start - timedelta(minutes=15),
        "cleanup_until": span.end + timedelta(minutes=15),
        "setup_minutes": 15,
        "cleanup_minutes": 15,
        "state": state,
        "title": "Trening",
        "association": "Solvik IL",
        "team": "Jenter 14",
        "contact": "Kari Nordmann",
        "phone": "+47 900 00 000",
        "people": 20,
        "quantity": 2,
        "articles": [{"article": "goals", "quantity": 4}],
        "answers": {"floor": True, "music": "loud", "gone": "Ja"},
        "notes": "Måla må stå klare.",
    }
    return VisitOut(**{**values, **more})


QUESTIONS: Final = {
    HALF: [
        {"key": "floor", "kind": "yes_no", "label": {"nb": "Skal golvet dekkes?"}},
        {
            "key": "music",
            "kind": "choice",
            "label": {"nb": "Musikk"},
            "options": [{"key": "loud", "label": {"nb": "Høy"}}],
        },
    ]
}
BARE: Final[dict[str, Any]] = {
    "setup_minutes": 0,
    "cleanup_minutes": 0,
    "association": None,
    "team": None,
    "phone": None,
    "people": None,
    "quantity": 1,
    "articles": [],
    "answers": {},
    "notes": "",
}


def day(visits: list[VisitOut]) -> dict[str, Any]:
    whole = at(24, "15:45", hours=6)
    out = DayOut(
        facility_id=UUID(int=9),
        facility="Solvikhallen",
        on=date(2026, 11, 24),
        unlock_at=whole.start if visits else None,
        lock_at=whole.end if visits else None,
        gaps=[span_out(at(24, "18:00"), ZONE), span_out(at(24, "20:00"), ZONE)] if visits else [],
        visits=visits,
    )
    return {
        **day_list_view(DayList(out, QUESTIONS), texts("nb"), "/solvik"),
        "day_url": "/solvik/day",
        "facilities": [("9", "Solvikhallen")],
        "form": {"facility": "9", "on": "2026-11-24"},
        "board_url": "/solvik/facilities/9/board",
        "previous_url": "?p",
        "next_url": "?n",
    }


SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(name="board-day", template="booking/board.html", context=board(days_of(date(2026, 11, 24), 1))),
    Sample(
        name="board-closed-day", template="booking/board.html", context=board(days_of(date(2026, 11, 29), 1))
    ),
    Sample(name="board-week", template="booking/board.html", context=board(days_of(MONDAY, 7))),
    Sample(
        name="board-empty", template="booking/board.html", context={**board(days_of(MONDAY, 7)), "rows": []}
    ),
    Sample(name="screen", template="booking/screen.html", context=screen(2)),
    Sample(name="screen-one", template="booking/screen.html", context=screen(1)),
    Sample(
        name="day",
        template="booking/day.html",
        context=day([visit("confirmed"), visit("requested", **BARE)]),
    ),
    Sample(name="day-nobody", template="booking/day.html", context=day([])),
    Sample(
        name="day-nowhere",
        template="booking/day.html",
        context={**day([]), "facility": None, "facilities": [], "board_url": None},
    ),
)
