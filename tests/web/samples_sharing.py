"""Something to show in the templates of subscribing, weeks for other sites and open data."""

from datetime import date
from typing import Any, Final

from tests.web.contexts import FACILITY, RESOURCE, RULES, WEEK, Sample, at
from tests.web.contexts_quote import NO_PRICES

HEADING: Final = {"heading": "Sal A, Solvikhallen", "url": "/solvik/resources/1?lang=nb"}
ADDRESS: Final = "https://booking.solvik.example"
STEPS: Final = {
    "week_number": 48,
    "previous_url": "?week=2026-W47",
    "next_url": "?week=2026-W49",
    "now_url": "?",
}
SHARE: Final[dict[str, Any]] = {
    "name": "Sal A, Solvikhallen",
    "back_url": "/solvik/resources/1",
    "frame_code": f'<iframe src="{ADDRESS}/embed/resources/1?lang=nb" title="Sal A" width="100%"></iframe>',
    "frame_title": "Sal A",
    "preview_url": None,
    "fragment_url": f"{ADDRESS}/embed/resources/1/fragment?lang=nb",
    "calendar_url": f"{ADDRESS}/ical/solvik/resources/1.ics",
    "busy_url": f"{ADDRESS}/ical/solvik/resources/1.ifb",
    "free_url": f"{ADDRESS}/api/solvik/free?resource=1&from=2026-11-24&to=2026-12-01",
    "data_url": "/solvik/open-data",
    "subscribe_url": "/solvik/subscribe?resource=1",
}


def time(day: int, clock: str, said: str, state: str = "taken") -> dict[str, Any]:
    return {"span": at(day, clock), "state": state, "said": said, "url": None, "place": "Sal B"}


DAYS: Final[list[dict[str, Any]]] = [
    {"day": date(2026, 11, 24), "times": [time(24, "18:00", "Opptatt"), time(24, "20:00", "Håndballkamp")]},
    {"day": date(2026, 11, 25), "times": []},
    {"day": date(2026, 11, 26), "times": [time(26, "08:00", "Stengt: Vask av gulvet", "closed")]},
]
PERIOD: Final = {"first": date(2026, 11, 23), "last": date(2026, 11, 29)}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"calendar_feeds/{template}", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("embed-week", "embed_week.html", {**HEADING, **WEEK}),
    sample(
        "embed-list",
        "embed_list.html",
        {**HEADING, **PERIOD, **STEPS, "heading": "Solvikhallen", "days": DAYS},
    ),
    sample(
        "embed-list-none",
        "embed_list.html",
        {
            **HEADING,
            **PERIOD,
            **STEPS,
            "heading": "Solvik idrettslag",
            "days": [],
            "week_number": None,
            "previous_url": None,
            "now_url": None,
        },
    ),
    sample("share", "share.html", SHARE),
    sample(
        "share-association",
        "share.html",
        {**SHARE, "name": "Solvik idrettslag", "busy_url": None, "free_url": None, "subscribe_url": None},
    ),
    sample(
        "open-data",
        "open_data.html",
        {
            "datasets": [
                {
                    "name": name,
                    "title": title,
                    "text": "Hver hall, bane og sal som kan bookes.",
                    "files": [{"name": form, "url": f"/x.{form}"} for form in ("CSV", "JSON")],
                    "fields": [("id", "Stedets id."), ("name", "Hva det heter.")],
                }
                for name, title in (("resources", "Steder"), ("bookings", "Opptatte tider"))
            ],
            "catalogues": [("DCAT-AP-NO, JSON-LD", "/x.jsonld"), ("DCAT-AP-NO, Turtle", "/x.ttl")],
        },
    ),
    Sample(
        name="resource-to-share",
        template="booking/resource.html",
        context={
            "resource": RESOURCE,
            "rules": RULES,
            "prices": NO_PRICES,
            **WEEK,
            "share_url": "/solvik/share/resources/1",
        },
    ),
    Sample(
        name="facility-to-share",
        template="resources/facility.html",
        context={"facility": FACILITY, "resources": [], "share_url": "/solvik/share/facilities/1"},
    ),
)
"""Each template with what its page may hold."""
